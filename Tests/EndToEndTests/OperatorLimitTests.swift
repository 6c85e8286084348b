import Kernel
import TestSupport
import Testing

/// How often operators may ask.
@Suite(.timeLimit(.minutes(2)))
struct OperatorLimitTests {
    @Test(arguments: ["/api/v1/queues", "/api/v1/health/failed", "/stats", "/metrics"])
    func whoAsksTooOftenWaits(_ path: String) async throws {
        let server = try await RunningServer(environment: ["PICTOR_SERVER_ADMIN_RATE_LIMIT": "2"])
        let client = Client(server, token: nil)
        let first = try await client.get("/api/v1/queues")
        #expect(first.status == 200)
        #expect((first[header: "RateLimit-Limit"], first[header: "RateLimit-Remaining"]) == ("2", "1"))
        #expect(try await client.get("/api/v1/models").status == 200)
        let refused = try await client.get(path)
        #expect(refused.status == 429)
        #expect(refused[header: "RateLimit-Limit"] == "2" && refused[header: "RateLimit-Remaining"] == "0")
        for name in ["Retry-After", "RateLimit-Reset"] {
            let seconds = try #require(refused[header: name].flatMap { Int($0) })
            #expect((1...61).contains(seconds), "\(name)")
        }
        #expect(refused.text.contains("At most 2 requests of operators"))
        #expect(try await client.get("/health").status == 200, "what everyone sees is not limited")
        let other = Client(server, token: Client.token(sub: "root", claims: ["roles": ["admin"]]))
        #expect(try await other.get(path).status == 200, "each client has its own")
    }

    @Test func withoutALimitNothingIsTold() async throws {
        let server = try await RunningServer()
        let answer = try await Client(server, token: nil).get("/api/v1/queues")
        #expect((answer.status, answer[header: "RateLimit-Limit"]) == (200, nil))
    }
}
