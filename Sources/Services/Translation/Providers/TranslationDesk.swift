import Kernel
import MachineTranslation
import Telemetry

/// Chooses who translates, keeps what was translated, and checks it.
struct TranslationDesk: Sendable {
    /// What is asked for.
    struct Wish: Sendable {
        let blocks: [TranslatedBlock]
        /// BCP 47.
        let source: String?
        let target: String
        let provider: String?
        let options: TranslationOptions
        let context: [String]
        /// Whose words they are; `nil` for those of no task.
        var asker: TranslationMemory.Asker?
        /// Whether the next provider is asked also when this one may do better in a moment.
        let isLastTry: Bool
    }

    /// The first choice first.
    let providers: [any TranslationProvider]
    /// Knows what could be installed.
    let machine: ApertiumTranslator
    let memory: TranslationMemory
    let metrics: TranslationMetrics
    let time: any TimeSource
    private let flights = SingleFlight<String, JSON>(endsWithItsCallers: true)

    init(
        providers: [any TranslationProvider],
        machine: ApertiumTranslator,
        memory: TranslationMemory,
        metrics: TranslationMetrics,
        time: any TimeSource,
    ) {
        self.providers = providers
        self.machine = machine
        self.memory = memory
        self.metrics = metrics
        self.time = time
    }

    /// Who could do it, of those that were asked for.
    func candidates(_ name: String?, from source: Language?, to target: Language) -> [any TranslationProvider] {
        providers.filter { provider in
            (name == nil || provider.name == name) && provider.reach(from: source, to: target) != nil
        }
    }

    /// Translates the blocks of a picture; equal texts with equal wishes are translated once.
    ///
    /// - Throws: What the last provider threw, else ``TranslationError/unsupportedPair(source:target:able:)``.
    func translate(_ wish: Wish) async throws -> TranslationResult {
        guard !wish.blocks.isEmpty else {
            return TranslationResult(blocks: [], source: wish.source, provider: "none", flags: ["no_text"])
        }
        guard let target = Language(wish.target) else {
            throw TranslationError.badField(name: "target_language", reason: "\(wish.target) is not known any more.")
        }
        let source = wish.source.flatMap(Language.init)
        if let source, source.code == target.code { return unchanged(wish, source) }
        var last: (any Error)?
        for provider in candidates(wish.provider, from: source, to: target) {
            do {
                return try await translate(wish, source, target, by: provider)
            } catch let error as any Failure where mayPassOn(error, wish) {
                metrics.fallbacks.add(1, provider.name, error.code)
                last = error
            }
        }
        throw last ?? unsupported(from: source, to: target)
    }

    /// The words are in the language that was asked for.
    private func unchanged(_ wish: Wish, _ source: Language) -> TranslationResult {
        let blocks = wish.blocks.map { block in
            var block = block
            block.translation = block.text
            return block
        }
        return TranslationResult(blocks: blocks, source: source.code, provider: "none", flags: ["same_language"])
    }

    /// A quota is waited for; a refusal is final for the one who refuses.
    private func mayPassOn(_ error: any Failure, _ wish: Wish) -> Bool {
        if error.postponedUntil != nil || error.isOutage { return false }
        return error.isPermanent || wish.isLastTry
    }

    private func translate(
        _ wish: Wish,
        _ source: Language?,
        _ target: Language,
        by provider: any TranslationProvider,
    ) async throws -> TranslationResult {
        let order = TranslationOrder(
            texts: wish.blocks.map(\.text),
            source: source,
            target: target,
            options: wish.options,
            context: wish.context,
        )
        let key = TranslationMemory.key(
            ["translate", provider.name, provider.version, source?.code ?? "", target.code, wish.options.json.text]
                + order.context + ["—"] + order.texts
        )
        let value = try await flights(key) { [self] in
            if let known = try await memory.value(key) {
                metrics.requests.add(1, provider.name, "remembered")
                return known
            }
            return try await ask(provider, order, key, wish.asker)
        }
        guard let answer = TranslationAnswer(json: value), answer.texts.count == wish.blocks.count else {
            throw TranslationError.badAnswer(provider: provider.name)
        }
        var result = result(wish, answer, by: provider)
        result.memory = provider.isRemote ? key : nil
        return result
    }

    /// Asks where no other process asks for the same right now; else waits for what that one will keep.
    private func ask(
        _ provider: any TranslationProvider,
        _ order: TranslationOrder,
        _ key: String,
        _ asker: TranslationMemory.Asker?,
    ) async throws -> JSON {
        guard provider.isRemote else { return try await answer(provider, order).json }
        let holder = asker?.image.description ?? ID<TranslationDesk>().description
        guard try await memory.claim(key, by: holder) else { throw BusyElsewhere(until: time.now + .seconds(1)) }
        do {
            // Whoever had the claim before may have kept the answer after it was looked for.
            if let known = try await memory.value(key) {
                try await memory.release(key, by: holder)
                metrics.requests.add(1, provider.name, "remembered")
                return known
            }
            let value = try await answer(provider, order).json
            try await memory.keep(value, as: key, for: asker?.task)
            return value
        } catch {
            // What cannot be given back ends by itself.
            try? await memory.release(key, by: holder)
            throw error
        }
    }

    private func answer(
        _ provider: any TranslationProvider,
        _ order: TranslationOrder,
    ) async throws -> TranslationAnswer {
        do {
            let answer = try await provider.translate(order)
            metrics.requests.add(1, provider.name, "answered")
            return answer
        } catch {
            metrics.requests.add(1, provider.name, "failed")
            throw error
        }
    }

    private func result(
        _ wish: Wish,
        _ answer: TranslationAnswer,
        by provider: any TranslationProvider,
    ) -> TranslationResult {
        let isSame = answer.flags.contains("same_language")
        let blocks = zip(wish.blocks, answer.texts).map { block, text in
            var block = block
            block.translation = text.text
            block.translationConfidence = text.confidence
            block.flags += text.flags
            if !isSame {
                block.flags += AnswerCheck.problems(block.text, text.text, to: wish.target, wish.options)
            }
            return block
        }
        return TranslationResult(
            blocks: blocks,
            source: answer.source ?? wish.source,
            provider: provider.name,
            model: answer.model,
            cost: answer.cost,
            flags: answer.flags,
        )
    }

    /// Says who could translate such a pair, whether or not they are set up.
    func unsupported(from source: Language?, to target: Language) -> TranslationError {
        let able = providers.filter { $0.reach(from: nil, to: target) != nil }.map(\.name)
        let remote = providers.contains { $0.isRemote } ? [] : TranslationError.remote
        let local = machine.advice(from: source?.code, to: target.code)
        return .unsupportedPair(source: source?.name, target: target.name, able: able + local + remote)
    }
}

/// Another process translates the same right now.
private struct BusyElsewhere: Failure {
    let until: Timestamp
    var status: Int { 503 }
    var code: String { "busy_elsewhere" }
    var message: String { "The same is translated by another process at the moment." }
    var postponedUntil: Timestamp? { until }
}

extension TranslationAnswer {
    /// As it is remembered.
    var json: JSON {
        [
            "texts": JSON(
                texts.map {
                    ["text": JSON($0.text), "confidence": JSON($0.confidence), "flags": JSON($0.flags)] as JSON
                }
            ),
            "source": JSON(source), "model": JSON(model), "cost": JSON(cost), "flags": JSON(flags),
        ]
    }

    init?(json: JSON) {
        guard let texts = json["texts"]?.array else { return nil }
        self.init(
            texts: texts.compactMap { item in
                guard let text = item["text"]?.string else { return nil }
                let flags = item["flags"]?.array?.compactMap(\.string) ?? []
                return Text(text, confidence: item["confidence"]?.number, flags: flags)
            },
            source: json["source"]?.string,
            model: json["model"]?.string,
            cost: json["cost"]?.number ?? 0,
            flags: json["flags"]?.array?.compactMap(\.string) ?? [],
        )
    }
}
