import Database
import FoundationEssentials
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

    /// The bodies of those that asked for pictures, in order; they are not among ``calls``.
    let drawings = Recorder<JSON>()

    /// `answer` gets the texts by their numbers, and the whole question; what it gives becomes the answer's text. `draw`
    /// gets a picture, its words with their translations, and the number of the call from 1; without it no model draws.
    init(
        time: any TimeSource = SystemTime(),
        draw: (@Sendable (_ picture: [UInt8], _ words: [String: String], _ call: Int) async throws -> Reply)? = nil,
        change: (inout ProviderSettings) -> Void = { _ in },
        _ answer: @escaping @Sendable (_ texts: [Int64: String], _ question: String, _ call: Int) async -> Reply,
    ) async throws {
        let (calls, drawings) = (calls, drawings)
        server = try LocalServer { router in
            router.post("/models/{call}", limits: Limits(maxBodyBytes: 32 << 20)) { request in
                let body = try JSON(parsing: try await request.body.collect(upTo: 32 << 20))
                if let draw, body["generationConfig"]?["responseModalities"] != nil {
                    drawings.add(body)
                    return try await draw(Self.picture(in: body), Self.words(in: body), drawings.all.count).response
                }
                calls.add(body)
                let question = body["contents"]?.array?.last?["parts"]?.array?.last?["text"]?.string ?? ""
                return await answer(Self.texts(in: question), question, calls.all.count).response
            }
        }
        test = try await DatabaseBackend.sqlite.make()
        try await migrate(test.database, modelMigrations)
        var settings = ModelGatewaySettings()
        var provider = ProviderSettings(
            "gemini",
            .gemini,
            url: server.url,
            key: Secret("secret-key"),
            models: [ModelSettings("gemini-flash", [.chat])]
                + (draw == nil ? [] : [ModelSettings("gemini-image", [.image])]),
        )
        change(&provider)
        settings.providers = [provider]
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
        /// With a few words before it, as models do.
        case picture([UInt8])
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
            case .picture(let bytes):
                return .json([
                    "candidates": [
                        [
                            "content": [
                                "role": "model",
                                "parts": [
                                    ["text": "Here it is."],
                                    ["inlineData": ["mimeType": "image/png", "data": JSON(bytes.base64)]],
                                ],
                            ],
                            "finishReason": "STOP", "index": 0,
                        ]
                    ],
                    "usageMetadata": ["promptTokenCount": 300, "candidatesTokenCount": 1120, "totalTokenCount": 1420],
                ])
            case .raw(let status, let body):
                return Response(status: status, body: .bytes(Array(body.utf8)))
            }
        }
    }

    private static func picture(in body: JSON) -> [UInt8] {
        let parts = body["contents"]?.array?.first?["parts"]?.array ?? []
        let data = parts.lazy.compactMap { $0["inlineData"]?["data"]?.string }.first ?? ""
        return Data(base64Encoded: data).map { Array($0) } ?? []
    }

    private static func words(in body: JSON) -> [String: String] {
        let question = body["contents"]?.array?.first?["parts"]?.array?.last?["text"]?.string ?? ""
        guard let start = question.firstRange(of: "Texts:\n")?.upperBound,
            let items = try? JSON(parsing: Array(question[start...].utf8)).array
        else { return [:] }
        return Swift.Dictionary(
            items.map { ($0["text"]?.string ?? "", $0["translation"]?.string ?? "") },
            uniquingKeysWith: { first, _ in first },
        )
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
