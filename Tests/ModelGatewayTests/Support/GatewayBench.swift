import Configuration
import Database
import HTTPClient
import Kernel
import SharedState
import Synchronization
import Telemetry
import TestSupport

@testable import ModelGateway

/// A gateway in front of fake providers, with its clock, metrics and log.
struct GatewayBench: Sendable {
    static let key = "sk-test-0123456789abcdef"

    let time: ManualTime
    let gateway: ModelGateway
    let metrics: Metrics
    let database: TestDatabase
    let state: any SharedState
    private let lines: Recorder<String>
    private let sink: LogSink

    /// Everything that was logged.
    var logged: String {
        sink.flush()
        return lines.all.joined()
    }

    /// `chance` is 0 unless told otherwise: no jitter.
    init(
        _ providers: [ProviderSettings],
        chains: [ModelPurpose: [ModelName]] = [:],
        budget: Double? = nil,
        time: ManualTime = ManualTime(),
        state: (any SharedState)? = nil,
        database: TestDatabase? = nil,
        chance: Double = 0,
    ) async throws {
        self.time = time
        self.state = state ?? MemorySharedState(time: time)
        let isNew = database == nil
        if let database { self.database = database } else { self.database = try await DatabaseBackend.ofModules.make() }
        if isNew { try await migrate(self.database.database, modelMigrations) }
        let (metrics, lines) = (Metrics(), Recorder<String>())
        let sink = LogSink(format: .json, level: .debug) { lines.add(String(decoding: $0, as: UTF8.self)) }
        var settings = ModelGatewaySettings()
        settings.providers = providers
        settings.chains = chains
        settings.dailyBudget = budget
        (self.metrics, self.lines, self.sink) = (metrics, lines, sink)
        gateway = ModelGateway(
            settings,
            client: HTTPClient(),
            state: self.state,
            database: self.database.database,
            time: time,
            log: Log(sink),
            metrics: metrics,
            chance: { chance },
        )
    }
}

/// A provider with one model.
func provider(
    _ name: String,
    _ kind: ProviderKind,
    _ server: FakeProvider,
    _ purpose: ModelPurpose,
    model: String = "m",
    change: (inout ModelSettings) -> Void = { _ in },
) -> ProviderSettings {
    var settings = ModelSettings(model, [purpose])
    settings.dimensions = purpose == .embedding ? 4 : 0
    change(&settings)
    return ProviderSettings(
        name,
        kind,
        url: server.url,
        key: Secret(GatewayBench.key),
        timeout: .seconds(20),
        models: [settings],
    )
}

let picture = ModelPicture(
    bytes: Array("not really a picture".utf8),
    mediaType: "image/jpeg",
    width: 280,
    height: 280,
    address: "https://memes.example/1.jpg",
)

/// What a meme is asked for.
let memeShape = AnswerShape.object([
    .init("ocr", .text(maxLength: 20)),
    .init("meaning", .text(maxLength: 40)),
    .init("emotions", .list(.choice(["joy", "anger"]), maxCount: 3)),
    .init("nsfw", .flag),
    .init("template", .text(maxLength: 20), isRequired: false),
])

let memePrompt = ModelPrompt(
    system: "You describe memes.",
    text: "Describe it.",
    pictures: [picture],
    shape: memeShape,
)
let goodMeme = #"{"ocr":"hi","meaning":"a greeting","emotions":["joy"],"nsfw":false}"#

/// The error that `body` throws.
func thrown(_ body: () async throws -> some Any) async -> ModelError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? ModelError
    }
}
