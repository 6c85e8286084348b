import Kernel
import TestSupport
import Testing

@testable import ModelGateway

/// Keys and pictures never reach a log or an error.
@Suite(.timeLimit(.minutes(5))) struct SecretTests {
    @Test("whatever a provider repeats is blanked", arguments: [200, 400, 401, 429, 500])
    func repeated(_ status: Int) async throws {
        let key = GatewayBench.key
        let server = try FakeProvider { call in
            let sent = call.body.text.replacing("\"", with: "'")
            return .raw(
                status,
                #"{"error":{"code":"\#(key)","message":"Bearer \#(key) sk-test-****cdef1234 sent \#(sent)"}}"#,
            )
        }
        let bench = try await GatewayBench([provider("p", .openai, server, .vision)])
        let error = try #require(await thrown { try await bench.gateway.vision(memePrompt) })
        let words = bench.logged + "\(error)" + error.message + String(reflecting: error)
        #expect(words.contains("model call failed"))
        #expect(!words.contains(key) && !words.contains("cdef1234"))
        #expect(!words.contains(picture.bytes.base64))
    }

    @Test func settingsDoNotPrintKeys() async throws {
        let server = try FakeProvider { _ in .says("ok") }
        let bench = try await GatewayBench([provider("p", .openai, server, .chat)])
        #expect(!String(describing: bench.gateway.settings).contains(GatewayBench.key))
        #expect(!"\(try await bench.gateway.status())".contains(GatewayBench.key))
    }

    @Test(arguments: [
        ("key abcdefgh-secret here", "key **** here"), ("data:image/png;base64,AAAA== rest", "data:… rest"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ****"), ("two\nlines\u{1B}[31m", "two lines [31m"),
        (String(repeating: "a", count: 100), "…"), ("sk-proj-abcdefghijkl", "****"), ("plain words", "plain words"),
    ])
    func redacted(_ text: String, _ expected: String) {
        #expect(Redactor([Secret("abcdefgh-secret")]).redact(text) == expected)
    }

    @Test func whatIsKeptIsShort() {
        #expect(Redactor([]).redact(String(repeating: "word ", count: 10_000)).count == 300)
    }
}
