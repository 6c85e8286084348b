import HTTPServer
import Kernel
import TestSupport

/// A provider that speaks the wire formats and answers what a test says.
final class FakeProvider: Sendable {
    struct Call: Sendable {
        let path: String
        let headers: Headers
        let body: JSON
    }

    enum Reply: Sendable {
        case json(JSON)
        /// An answer word for word.
        case raw(Int, String, Headers = [:])
        /// Never answers.
        case silence
    }

    /// Every call so far, in order.
    let calls = Recorder<Call>()
    /// The calls as a count that can be waited for.
    let count = Tally()
    /// Calls whose callers left before their answer.
    let abandoned = Tally()
    private let reply: Box<@Sendable (Call) -> Reply>
    private let server: LocalServer

    init(_ answer: @escaping @Sendable (Call) -> Reply) throws {
        let (abandoned, calls, count, reply) = (abandoned, calls, count, Box(answer))
        let handler: @Sendable (Request) async throws -> Response = { request in
            let body = try JSON(parsing: try await request.body.collect(upTo: 16 << 20))
            let call = Call(path: request.path, headers: request.headers, body: body)
            calls.add(call)
            count.add()
            switch reply.value(call) {
            case .json(let json): return .json(json)
            case .raw(let status, let text, let headers):
                return Response(status: status, headers: headers, body: .bytes(Array(text.utf8)))
            case .silence:
                await park()
                abandoned.add()
                return .text("")
            }
        }
        server = try LocalServer { router in
            for path in ["/chat/completions", "/embeddings", "/embed", "/rerank", "/models/{call}"] {
                router.post(path, limits: Limits(maxBodyBytes: 16 << 20), handler)
            }
        }
        self.reply = reply
    }

    var url: String { server.url }

    /// Answers so from now on.
    func answer(_ answer: @escaping @Sendable (Call) -> Reply) { reply.value = answer }
}

extension FakeProvider.Reply {
    /// A chat completion that says `text`.
    static func says(_ text: String, finish: String = "stop", input: Int = 11, output: Int = 7) -> Self {
        .json([
            "id": "c1", "object": "chat.completion", "model": "m",
            "choices": [
                [
                    "index": 0, "finish_reason": .string(finish),
                    "message": ["role": "assistant", "content": .string(text)],
                ]
            ],
            "usage": [
                "prompt_tokens": JSON(input), "completion_tokens": JSON(output), "total_tokens": JSON(input + output),
            ],
        ])
    }

    /// An embedding answer whose vectors point along the axis that the text's length names, in reversed order.
    static func vectors(_ call: FakeProvider.Call, dimensions: Int = 4) -> Self {
        let texts = call.body["input"]?.array?.compactMap(\.string) ?? []
        let data = texts.enumerated().map { index, text -> JSON in
            let axis = text.count % dimensions
            let vector = (0..<dimensions).map { $0 == axis ? JSON.number(2) : JSON.number(0) }
            return ["object": "embedding", "index": JSON(index), "embedding": .array(vector)]
        }
        return .json([
            "object": "list", "data": .array(data.reversed()), "model": "m",
            "usage": ["prompt_tokens": JSON(texts.count * 3), "total_tokens": JSON(texts.count * 3)],
        ])
    }
}
