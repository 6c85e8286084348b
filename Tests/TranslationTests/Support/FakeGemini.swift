import Database
import HTTPClient
import HTTPServer
import Kernel
import ModelGateway
import SharedState
import Telemetry
import TestSupport

@testable import Translation

/// A model that speaks Gemini's wire format, and the gateway that leads there.
final class FakeGemini: Sendable {
    /// The bodies of all calls, in order.
    let calls = Recorder<JSON>()
    let models: ModelGateway
    private let server: LocalServer
    private let test: TestDatabase

    /// `answer` gets the texts by their numbers, and the whole question; what it gives becomes the answer's text.
    init(
        time: any TimeSource = SystemTime(),
        _ answer: @escaping @Sendable (_ texts: [Int64: String], _ question: String, _ call: Int) -> Reply,
    ) async throws {
        let calls = calls
        server = try LocalServer { router in
            router.post("/models/{call}") { request in
                let body = try JSON(parsing: try await request.body.collect(upTo: 1 << 20))
                calls.add(body)
                let question = body["contents"]?.array?.last?["parts"]?.array?.last?["text"]?.string ?? ""
                return answer(Self.texts(in: question), question, calls.all.count).response
            }
        }
        test = try await DatabaseBackend.sqlite.make()
        try await migrate(test.database, modelMigrations)
        var settings = ModelGatewaySettings()
        settings.providers = [
            ProviderSettings(
                "gemini",
                .gemini,
                url: server.url,
                key: Secret("secret-key"),
                models: [ModelSettings("gemini-flash", [.chat])],
            )
        ]
        models = ModelGateway(
            settings,
            client: HTTPClient(),
            state: MemorySharedState(time: time),
            database: test.database,
            time: time,
            log: .silent,
            metrics: Metrics(),
        )
    }

    /// What the model says.
    enum Reply: Sendable {
        case blocks([Int64: String], source: String = "en")
        case text(String, finish: String = "STOP")
        case raw(Int, String)

        var response: Response {
            switch self {
            case .blocks(let blocks, let source):
                let items = blocks.sorted { $0.key < $1.key }.map { id, text in
                    ["id": JSON(id), "translation": JSON(text)] as JSON
                }
                let body: JSON = ["source_language": JSON(source), "blocks": JSON(items)]
                return Reply.text(body.text).response
            case .text(let text, let finish):
                return .json([
                    "candidates": [
                        [
                            "content": ["role": "model", "parts": [["text": JSON(text)]]],
                            "finishReason": JSON(finish), "index": 0,
                        ]
                    ],
                    "usageMetadata": ["promptTokenCount": 50, "candidatesTokenCount": 20, "totalTokenCount": 70],
                ])
            case .raw(let status, let body):
                return Response(status: status, body: .bytes(Array(body.utf8)))
            }
        }
    }

    /// The list of texts that ends a question.
    private static func texts(in question: String) -> [Int64: String] {
        guard let start = question.firstRange(of: "Texts:\n")?.upperBound,
            let items = try? JSON(parsing: Array(question[start...].prefix { $0 != "\n" }.utf8)).array
        else { return [:] }
        return Swift.Dictionary(
            uniqueKeysWithValues: items.compactMap { item in
                guard let id = item["id"]?.integer, let text = item["text"]?.string else { return nil }
                return (id, text)
            }
        )
    }
}
