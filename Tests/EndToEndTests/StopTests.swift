import Glibc
import TestSupport
import Testing

/// The server ends as an operator expects.
@Suite(.timeLimit(.minutes(5)))
struct StopTests {
    @Test("both signals end the server in order", arguments: [SIGTERM, SIGINT])
    func signalEndsTheServerInOrder(signal: Int32) async throws {
        let server = try await RunningServer()
        _ = try await Client(server).get("/info")
        server.send(signal)
        #expect(await server.exitCode() == 0)
        #expect(server.output.contains("stopped"), "\(server.output)")
    }
}
