import Kernel
import Telemetry

extension TranslationDesk {
    /// The result with a model's drawing of it. Equal pictures with equal words are drawn once, and a drawing is found
    /// again as long as the picture that it was made for is there.
    func drawn(
        _ result: TranslationResult,
        _ wish: Wish,
        _ target: Language,
        by provider: any DrawingProvider,
    ) async throws -> TranslationResult {
        guard let source = wish.picture, result.blocks.contains(where: { $0.shown != $0.text }) else { return result }
        let key = TranslationMemory.key(
            ["draw", provider.name, provider.version, target.code, source.contentHash]
                + result.blocks.flatMap { [$0.text, $0.shown] }
        )
        let isThere: @Sendable (JSON) async throws -> Bool = { known in
            guard let drawing = StoredDrawing(json: known) else { return false }
            return try await source.file(of: drawing) != nil
        }
        if !wish.mayPay {
            guard let known = try await memory.value(key), try await isThere(known) else {
                throw TranslationError.moneySpent
            }
        }
        let value = try await flights.withEqualPictures(key) { [self] in
            try await alone(key, wish.asker, provider.name, isGood: isThere) { _ in
                let order = DrawingOrder(
                    picture: try await source.read(),
                    blocks: result.blocks,
                    target: target,
                    expenses: wish.expenses,
                )
                let drawn = try await counted(provider.name) { try await provider.draw(order) }
                let kept = StoredDrawing(name: try await source.keep(drawn.file), file: drawn.file)
                return ["drawing": JSON(kept.name), "sha256": JSON(kept.digest), "model": JSON(drawn.model)]
            }
        }
        guard let drawing = StoredDrawing(json: value) else {
            throw TranslationError.badAnswer(provider: provider.name)
        }
        var drawn = result
        drawn.drawing = drawing
        drawn.provider = provider.name
        drawn.model = value["model"]?.string ?? result.model
        drawn.flags.append("drawn_by_model")
        drawn.memory.append(key)
        return drawn
    }
}
