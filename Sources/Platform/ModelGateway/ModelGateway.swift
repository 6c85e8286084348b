import Database
import HTTPClient
import Kernel
import SharedState
import Telemetry

/// Remote models behind quotas: who is asked, how often, and what becomes of refusals.
///
/// Every call names the moment until which it is willing to wait for a quota, holding no thread; without one, and when
/// the quota comes back later, it throws ``ModelError/waitUntil(_:_:)``, which makes a job wait without losing a try.
/// What a call will take is reserved before it is sent, over all processes, and corrected by what the provider reports.
/// A model that keeps failing, or whose provider asks for a pause, is left alone until one call has found out that it
/// answers again; meanwhile the next of the chain is asked.
package final class ModelGateway: Sendable {
    package let settings: ModelGatewaySettings
    let client: HTTPClient
    let time: any TimeSource
    let chance: @Sendable () -> Double
    let log: Log
    let metrics: ModelMetrics
    let quotas: QuotaKeeper
    let links: [ModelName: ModelLink]
    /// Whom calls for a purpose may ask, in order.
    let pools: [ModelPurpose: [ModelPool]]
    private let chains: [ModelPurpose: [ModelEntry]]
    let batches = LearnedBatches()
    let answers = MeanAnswers()

    /// - Parameters:
    ///   - settings: Providers, models, chains.
    ///   - client: Calls the providers; it must let calls go to the addresses in the settings.
    ///   - state: Shared by every process that shares the quotas of a minute.
    ///   - database: Keeps the quotas of a day and what everything cost, see ``modelMigrations``.
    ///   - time: Decides when quotas come back.
    ///   - log: Told about every call that failed.
    ///   - metrics: Where calls, tokens and cost are counted.
    ///   - chance: A random number from 0 to 1, for waits.
    package init(
        _ settings: ModelGatewaySettings,
        client: HTTPClient,
        state: any SharedState,
        database: any Database,
        time: any TimeSource,
        log: Log,
        metrics: Metrics,
        chance: @escaping @Sendable () -> Double = { .random(in: 0...1) },
    ) {
        self.settings = settings
        self.client = client
        self.time = time
        self.chance = chance
        self.log = log
        self.metrics = ModelMetrics(metrics)
        quotas = QuotaKeeper(
            state: state,
            usage: UsageStore(database: database),
            time: time,
            dailyBudget: settings.dailyBudget,
        )
        links = Dictionary(
            settings.providers.flatMap { ModelLink.all(of: $0, state: state, time: time, chance: chance) },
            uniquingKeysWith: { first, _ in first },
        )
        chains = Dictionary(uniqueKeysWithValues: ModelPurpose.allCases.map { ($0, Self.usable(settings, $0)) })
        pools = chains.mapValues { ModelPool.pools(of: $0) }
    }

    /// Whether a model for this purpose is set up and has what it needs.
    package func serves(_ purpose: ModelPurpose) -> Bool { !chain(purpose).isEmpty }

    /// The model that is asked first for this purpose, as `provider/model`; `nil` when none is set up.
    package func firstModel(_ purpose: ModelPurpose) -> String? { chain(purpose).first?.name.description }

    /// The space of the vectors that ``embed(_:as:until:)`` gives; `nil` when no embedding model is set up.
    package var embeddingSpace: EmbeddingSpace? {
        guard let model = chain(.embedding).first?.model else { return nil }
        let instruction = model.instruction ?? KnownModels.instruction(model.name)
        let words = instruction.map { "+" + Digest.sha256(Array($0.utf8)).prefix(4).hexadecimal } ?? ""
        return EmbeddingSpace(id: "remote:\(model.space)@\(model.dimensions)\(words)", dimensions: model.dimensions)
    }

    /// The usable links of a chain. For vectors only those whose vectors can be compared with the first one's.
    func chain(_ purpose: ModelPurpose) -> [ModelEntry] { chains[purpose] ?? [] }

    private static func usable(_ settings: ModelGatewaySettings, _ purpose: ModelPurpose) -> [ModelEntry] {
        let usable = settings.chain(purpose).filter { $0.missing.isEmpty }
        guard purpose == .embedding, let first = usable.first?.model else { return usable }
        return usable.filter { $0.model.space == first.space && $0.model.dimensions == first.dimensions }
    }
}

/// What is shared by all calls of one model: its breaker, and its provider's line.
struct ModelLink: Sendable {
    let breaker: ServiceBreaker
    let gate: AsyncSemaphore

    static func all(
        of provider: ProviderSettings,
        state: any SharedState,
        time: any TimeSource,
        chance: @escaping @Sendable () -> Double,
    ) -> [(ModelName, ModelLink)] {
        let gate = AsyncSemaphore(provider.concurrency)
        return provider.models.map { model in
            let name = ModelName(provider: provider.name, model: model.name)
            let breaker = ServiceBreaker(
                key: "models:breaker:\(name)",
                threshold: 5,
                window: .seconds(120),
                timeout: .seconds(30),
                probeLimit: provider.timeout * 2 + .seconds(5),
                state: state,
                time: time,
                chance: chance,
            )
            return (name, ModelLink(breaker: breaker, gate: gate))
        }
    }
}
