import Database
import HTTPClient
import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Translation

/// Calls of the client's own server when a task is finished.
@Suite(.timeLimit(.minutes(5))) struct WebhookTests {
    struct Call: Sendable {
        let signature: String
        let body: [UInt8]
    }

    private func receiver(_ answer: @escaping @Sendable (Int) -> Int) throws -> (LocalServer, Recorder<Call>, Tally) {
        let (calls, count) = (Recorder<Call>(), Tally())
        let server = try LocalServer { router in
            router.post("/hook") { request in
                let body = try await request.body.collect(upTo: 1 << 20)
                calls.add(Call(signature: request.headers["X-Pictor-Signature"] ?? "", body: body))
                count.add()
                return .text("", status: answer(count.count))
            }
        }
        return (server, calls, count)
    }

    @Test func aFinishedTaskIsToldOnceWithASignature() async throws {
        let (server, calls, count) = try receiver { _ in 204 }
        let house = try await TranslationHouse(networks: ["127.0.0.0/8"])
        let answer = try await house.translate(
            [("a.png", house.picture("hello")), ("b.png", house.picture("cat"))],
            [("target_language", "es"), ("webhook_url", "\(server.url)/hook")],
        )
        let secret = try #require(answer.json["webhook_secret"]?.string)
        await count.until(1)
        let call = try #require(calls.all.first)
        let result = try JSON(parsing: call.body)
        #expect(result["task_id"] == answer.json["task_id"])
        #expect(result["status"] == "completed")
        #expect(result["completed_images"] == 2)
        let parts = call.signature.split(separator: ",").map(String.init)
        let time = try #require(parts.first?.trimmingPrefix("t="))
        let expected = Digest.hmacSHA256(Array("\(time).".utf8) + call.body, key: Array(secret.utf8)).hexadecimal
        #expect(parts.last == "v1=\(expected)")
        #expect(calls.all.count == 1)
    }

    @Test func aReceiverThatIsAwayHearsOfItLater() async throws {
        let (server, calls, count) = try receiver { $0 < 4 ? 503 : 204 }
        let time = ManualTime()
        let house = try await TranslationHouse(time: time, networks: ["127.0.0.0/8"])
        _ = try await house.begin(["hello"], [("target_language", "es"), ("webhook_url", "\(server.url)/hook")])
        await count.until(1)
        for (known, wait) in zip(1..., [10, 60, 300]) {
            let waits: SQL = """
                SELECT id FROM job WHERE kind = \(DeliverWebhook.kind) AND state = 'delayed' AND attempt = \(known)
                """
            while try await house.database.query(waits).isEmpty { await Task.yield() }
            time.advance(by: .milliseconds(wait * 1000 - 1))
            #expect(count.count == known)
            time.advance(by: .milliseconds(1))
            await count.until(known + 1)
        }
        #expect(Set(calls.all.map(\.body)).count == 1, "each time the same")
    }

    /// It may be repeated hours later, when somebody has had a picture done anew.
    @Test func aTaskInWorkIsNotToldAsFinished() async throws {
        let (server, calls, _) = try receiver { _ in 204 }
        let house = try await TranslationHouse(hasWorker: false, networks: ["127.0.0.0/8"])
        let fields = [("target_language", "es"), ("webhook_url", "\(server.url)/hook")]
        let address = try await house.begin(["hello"], fields)
        let id = try #require(ID<TranslationTask>(String(address.suffix(36))))
        _ = try await house.translation.delivery.run(DeliverWebhook(task: id))
        #expect(calls.all.isEmpty)
    }

    @Test func anAddressInsideIsNeverCalled() async throws {
        let (server, calls, _) = try receiver { _ in 204 }
        let house = try await TranslationHouse()
        let address = try await house.begin(
            ["hello"],
            [("target_language", "es"), ("webhook_url", "\(server.url)/hook")],
        )
        #expect(try await house.finished(address)["status"] == "completed")
        let id = try #require(ID<TranslationTask>(String(address.suffix(36))))
        await #expect(throws: HTTPClientError.forbiddenAddress) {
            _ = try await house.translation.delivery.run(DeliverWebhook(task: id))
        }
        #expect(HTTPClientError.forbiddenAddress.isPermanent, "trying again changes nothing")
        #expect(calls.all.isEmpty)
    }

    @Test(arguments: ["ftp://example.com/a", "javascript:alert(1)", "http://a b"])
    func anAddressThatIsNone(_ address: String) async throws {
        let house = try await TranslationHouse()
        let answer = try await house.translate(
            [("a.png", house.picture("hello"))],
            [("target_language", "es"), ("webhook_url", address)],
        )
        #expect(answer.status == 422)
    }
}
