import Kernel
import Telemetry

extension TranslationDesk {
    /// Flags of a text that is worth nothing, whatever else is right with it.
    private static let worthless: Set = [
        "empty", "unchanged", "repetition", "wrong_language", AnswerCheck.termMissed,
    ]

    /// The result with the texts of the next provider in place of those that are worth nothing, where that one does better;
    /// they are flagged `fallback`. When it cannot help either, the result stays as it is, with its flags.
    ///
    /// - Throws: What is over in a moment.
    func mended(
        _ result: TranslationResult,
        _ wish: Wish,
        _ source: Language?,
        _ target: Language,
        by others: [any TranslationProvider],
    ) async throws -> TranslationResult {
        let bad = result.blocks.indices.filter { !Self.worthless.isDisjoint(with: result.blocks[$0].flags) }
        let next = others.first { provider in
            !(provider is any DrawingProvider) && provider.name != result.provider
                && (wish.mayPay || !provider.isRemote)
        }
        guard !bad.isEmpty, let next else { return result }
        var rest = wish
        rest.blocks = bad.map { wish.blocks[$0] }
        let source = source ?? result.source.flatMap(Language.init)
        guard next.reach(from: source, to: target) != nil else { return result }
        let found: TranslationResult
        do {
            found = try await words(rest, source, target, of: next)
        } catch let error as any Failure where !isOverSoon(error, wish) {
            return result
        }
        var mended = result
        for (index, block) in zip(bad, found.blocks) where Self.worthless.isDisjoint(with: block.flags) {
            mended.blocks[index] = block
            mended.blocks[index].flags.append("fallback")
        }
        guard mended.blocks != result.blocks else { return result }
        metrics.fallbacks.add(1, result.provider, "worthless")
        mended.memory += found.memory
        mended.flags += found.flags.filter { !mended.flags.contains($0) }
        return mended
    }
    /// Whether help is worth the wait: texts that are worth nothing would be final.
    private func isOverSoon(_ error: any Failure, _ wish: Wish) -> Bool {
        if error.isOutage { return true }
        guard let moment = error.postponedUntil else { return false }
        return moment <= min(wish.deadline ?? moment, time.now + .seconds(60))
    }
}
