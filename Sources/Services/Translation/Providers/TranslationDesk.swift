import Kernel
import MachineTranslation
import Telemetry

/// Chooses who translates, keeps what was translated, and checks it.
struct TranslationDesk: Sendable {
    /// What is asked for.
    struct Wish: Sendable {
        var blocks: [TranslatedBlock]
        /// BCP 47.
        let source: String?
        let target: String
        let provider: String?
        let options: TranslationOptions
        /// What stands on the other pictures of the task.
        var context: [String] = []
        /// Until when the first choice is waited for; `nil` for as long as it takes.
        let deadline: Timestamp?
        /// Until when a model may look at what was read unsurely, so that there is time to translate it; `nil` for as long
        /// as it takes.
        let lookUntil: Timestamp?
        /// `nil` where nothing can be drawn by a model.
        let picture: PictureSource?
        /// Whose words they are; `nil` for those of no task.
        var asker: TranslationMemory.Asker?
        /// Whether anybody may be asked who costs money.
        var mayPay = true
        /// Where everything is noted that has to be paid for it.
        var expenses = Expenses()
        /// Whether the next provider is asked also when this one may do better in a moment.
        let isLastTry: Bool
    }

    /// All that are set up.
    let providers: [any TranslationProvider]
    /// Who is asked when a wish names nobody, the first choice first.
    let usual: [any TranslationProvider]
    /// Knows what could be installed.
    let machine: ApertiumTranslator
    let memory: TranslationMemory
    let metrics: TranslationMetrics
    let time: any TimeSource
    /// `nil` when nobody reads better.
    let vision: VisionReading?
    let flights = SingleFlight<String, JSON>(endsWithItsCallers: true)

    /// - Parameters:
    ///   - providers: All that are set up, the first choice first.
    ///   - order: The names of those who are asked when a wish names nobody; empty for all but those that draw, which cost
    ///     far more.
    ///   - machine: Knows what could be installed.
    ///   - memory: Where answers are kept.
    ///   - metrics: Where requests are counted.
    ///   - time: Decides when to ask again.
    ///   - vision: Reads what is not sure; `nil` when nobody reads better.
    init(
        providers: [any TranslationProvider],
        order: [String] = [],
        machine: ApertiumTranslator,
        memory: TranslationMemory,
        metrics: TranslationMetrics,
        time: any TimeSource,
        vision: VisionReading?,
    ) {
        self.providers = providers
        usual =
            order.isEmpty
            ? providers.filter { !($0 is any DrawingProvider) }
            : order.compactMap { name in providers.first { $0.name == name } }
        self.machine = machine
        self.memory = memory
        self.metrics = metrics
        self.time = time
        self.vision = vision
    }

    /// Who could do it, of those that were asked for, the first choice first: names with commas between.
    func candidates(_ names: String?, from source: Language?, to target: Language) -> [any TranslationProvider] {
        let asked = names.map { Self.names($0).compactMap { name in providers.first { $0.name == name } } } ?? usual
        return asked.filter { $0.reach(from: source, to: target) != nil }
    }

    /// Whether nobody is asked but this machine, which answers in milliseconds.
    func isLocal(_ blocks: [TranslatedBlock], of task: TranslationTask) -> Bool {
        if blocks.isEmpty { return true }
        guard vision == nil || VisionReading.places(in: blocks).isEmpty, let target = Language(task.target) else {
            return false
        }
        return candidates(task.provider, from: task.source.flatMap(Language.init), to: target)
            .allSatisfy { !$0.isRemote }
    }

    /// The names of providers in a wish.
    static func names(_ text: String) -> [String] {
        text.split(separator: ",").map { String($0.filter { !$0.isWhitespace }) }
    }

    /// Translates the blocks of a picture; equal texts with equal wishes are translated once.
    ///
    /// - Throws: What the last provider threw, else ``TranslationError/unsupportedPair(source:target:able:)``.
    func translate(_ wish: Wish) async throws -> TranslationResult {
        if wish.blocks.contains(where: \.isVertical) { return try await translate(around: wish) }
        guard !wish.blocks.isEmpty else {
            return TranslationResult(blocks: [], source: wish.source, provider: "none", flags: ["no_text"])
        }
        guard let target = Language(wish.target) else {
            throw TranslationError.badField(name: "target_language", reason: "\(wish.target) is not known any more.")
        }
        let source = wish.source.flatMap(Language.init)
        if let source, source.code == target.code { return unchanged(wish, source) }
        let (better, key) = try await looked(at: wish)
        var result = try await translate(better, source, target)
        if let key { result.memory.append(key) }
        return result
    }

    /// Translates what does not stand in columns.
    private func translate(around wish: Wish) async throws -> TranslationResult {
        var others = wish
        others.blocks.removeAll(where: \.isVertical)
        var result = try await translate(others)
        result.blocks += wish.blocks.filter(\.isVertical)
        return result
    }

    private func translate(_ wish: Wish, _ source: Language?, _ target: Language) async throws -> TranslationResult {
        var last: (any Failure)?
        let candidates = candidates(wish.provider, from: source, to: target)
        for (index, provider) in candidates.enumerated() {
            let others = Array(candidates[(index + 1)...])
            do {
                let end = wish.deadline.map { max($0, time.now + Self.leastTime) }
                return try await inTime(end) {
                    try await translate(wish, source, target, by: provider, others: others)
                }
            } catch let error as any Failure where mayPassOn(error, wish) {
                metrics.fallbacks.add(1, provider.name, error.code)
                last = error
            }
        }
        throw last.map { ended($0, wish) } ?? unsupported(from: source, to: target)
    }

    /// Whoever is asked when the deadline is near or has passed gets this long.
    private static let leastTime = Duration.seconds(30)

    /// Gives `work` up at a moment, unless others wait for the same.
    func inTime<Value: Sendable>(
        _ end: Timestamp?,
        _ work: @escaping @Sendable () async throws -> Value,
    ) async throws -> Value {
        guard let end else { return try await work() }
        return try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await work() }
            group.addTask { [time] in
                try await time.sleep(until: end)
                throw TranslationError.deadlinePassed(reason: "The answer took too long.")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    /// What is worth another try may have none before the deadline.
    private func ended(_ error: any Failure, _ wish: Wish) -> any Failure {
        guard let deadline = wish.deadline, !error.isPermanent else { return error }
        guard error.postponedUntil != nil || time.now >= deadline else { return error }
        return TranslationError.deadlinePassed(reason: error.message)
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

    /// A quota is waited for, if it comes back before the deadline; a refusal is final for the one who refuses.
    private func mayPassOn(_ error: any Failure, _ wish: Wish) -> Bool {
        if error.isOutage { return false }
        if let moment = error.postponedUntil { return wish.deadline.map { moment > $0 } ?? false }
        return error.isPermanent || wish.isLastTry || wish.deadline.map { time.now >= $0 } ?? false
    }

    private func translate(
        _ wish: Wish,
        _ source: Language?,
        _ target: Language,
        by provider: any TranslationProvider,
        others: [any TranslationProvider],
    ) async throws -> TranslationResult {
        let drawing = provider as? any DrawingProvider
        let first = try await words(wish, source, target, of: drawing?.words ?? provider)
        let result = try await mended(first, wish, source, target, by: others)
        guard let drawing else { return result }
        return try await drawn(result, wish, target, by: drawing)
    }

    func words(
        _ wish: Wish,
        _ source: Language?,
        _ target: Language,
        of provider: any TranslationProvider,
    ) async throws -> TranslationResult {
        let order = TranslationOrder(
            texts: wish.blocks.map(\.text),
            unsure: wish.blocks.indices.filter { wish.blocks[$0].flags.contains("unsure_reading") },
            source: source,
            target: target,
            options: wish.options,
            context: wish.context,
            expenses: wish.expenses,
        )
        let key = TranslationMemory.key(
            ["translate", provider.name, provider.version, source?.code ?? "", target.code, wish.options.json.text]
                + order.context + ["—"] + order.texts + order.unsure.map { "unsure \($0)" }
        )
        // Not with others, who may pay: they would fail as this one does.
        if provider.isRemote, !wish.mayPay, try await memory.value(key) == nil { throw TranslationError.moneySpent }
        let value = try await flights(key) { [self] in try await ask(provider, order, key, wish.asker) }
        guard let answer = TranslationAnswer(json: value), answer.texts.count == wish.blocks.count else {
            throw TranslationError.badAnswer(provider: provider.name)
        }
        var result = result(wish, answer, by: provider)
        result.memory = provider.isRemote ? [key] : []
        return result
    }

    /// Asks where no other process asks for the same right now; else waits for what that one will keep. What this machine
    /// does is not kept.
    private func ask(
        _ provider: any TranslationProvider,
        _ order: TranslationOrder,
        _ key: String,
        _ asker: TranslationMemory.Asker?,
    ) async throws -> JSON {
        guard provider.isRemote else {
            return try await counted(provider.name) { try await provider.translate(order) }.json
        }
        return try await alone(key, asker, provider.name) { begun in
            var order = order
            order.paid = PaidAnswers(begun) { [memory] answers in
                // What cannot be kept is only paid for again, and only if there is a wait.
                try? await memory.keep(answers, as: TranslationMemory.begun(key), for: asker?.task)
            }
            return try await counted(provider.name) { try await provider.translate(order) }.json
        }
    }

    /// What is remembered; else runs `work` while no other process does the same, and keeps what comes of it. For no task
    /// it runs at once: whoever waits for it may leave at any time, and nobody would come back for the claim.
    ///
    /// - Parameters:
    ///   - key: What it is remembered as.
    ///   - asker: For whom.
    ///   - name: Who is asked.
    ///   - isGood: Whether what is remembered still serves.
    ///   - work: Asks; it gets what was kept before it was done.
    /// - Returns: What is remembered from now on.
    /// - Throws: What `work` threw, or that another process is at it.
    func alone(
        _ key: String,
        _ asker: TranslationMemory.Asker?,
        _ name: String,
        isGood: (JSON) async throws -> Bool = { _ in true },
        _ work: (_ begun: JSON?) async throws -> JSON,
    ) async throws -> JSON {
        let holder = asker?.image.description
        var claim = try await self.claim(key, holder)
        if case .known(let known) = claim {
            if try await isGood(known) {
                metrics.requests.add(1, name, "remembered")
                return known
            }
            claim = try await self.claim(key, holder, isKnownGood: false)
        }
        guard case .ours(let begun) = claim else { throw BusyElsewhere(until: time.now + .seconds(1)) }
        do {
            let value = try await work(begun)
            try await memory.keep(value, as: key, for: asker?.task)
            return value
        } catch {
            // What cannot be given back ends by itself.
            if let holder { try? await memory.release(key, by: holder) }
            throw error
        }
    }

    private func claim(
        _ key: String,
        _ holder: String?,
        isKnownGood: Bool = true,
    ) async throws -> TranslationMemory.Claim {
        if let holder { return try await memory.claim(key, by: holder, isKnownGood: isKnownGood) }
        if isKnownGood, let known = try await memory.value(key) { return .known(known) }
        return .ours(begun: nil)
    }

    /// Counts how a provider did.
    func counted<Answer: Sendable>(
        _ name: String,
        _ ask: () async throws -> Answer,
    ) async throws -> Answer {
        do {
            let answer = try await ask()
            metrics.requests.add(1, name, "answered")
            return answer
        } catch {
            metrics.requests.add(1, name, "failed")
            throw error
        }
    }

    private func result(
        _ wish: Wish,
        _ answer: TranslationAnswer,
        by provider: any TranslationProvider,
    ) -> TranslationResult {
        let isSame = answer.flags.contains("same_language")
        let check = AnswerCheck(to: wish.target, wish.options)
        let blocks = zip(wish.blocks, answer.texts).map { block, text in
            var block = block
            let problems = isSame ? [] : check.problems(block.text, text.text)
            // The words of the original say more than none, and nobody gets others than those of the glossary.
            let isKeptBack = problems.contains("empty") || problems.contains(AnswerCheck.termMissed)
            block.translation = isKeptBack ? nil : text.text
            block.translationConfidence = text.confidence
            block.flags += text.flags + problems
            return block
        }
        return TranslationResult(
            blocks: blocks,
            source: answer.source ?? wish.source,
            provider: provider.name,
            model: answer.model,
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
struct BusyElsewhere: Failure {
    let until: Timestamp
    var status: Int { 503 }
    var code: String { "busy_elsewhere" }
    var message: String { "The same is translated by another process at the moment." }
    var postponedUntil: Timestamp? { until }
}
