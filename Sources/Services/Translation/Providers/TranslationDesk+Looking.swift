import Kernel
import Telemetry

extension TranslationDesk {
    /// How the figures call whoever looks.
    private static let looking = "vision"

    /// The wish with its blocks as a vision model reads them where the reader was not sure, and what that is remembered as.
    /// Equal places of equal pictures are looked at once. When the model cannot be asked now, or does not answer by the
    /// moment that the wish says, all stays as it was.
    func looked(at wish: Wish) async throws -> (wish: Wish, key: String?) {
        guard let vision, let picture = wish.picture, !VisionReading.places(in: wish.blocks).isEmpty else {
            return (wish, nil)
        }
        let key = TranslationMemory.key(["look", vision.version, picture.contentHash] + wish.blocks.map(\.text))
        if let known = try await memory.value(key) {
            metrics.requests.add(1, Self.looking, "remembered")
            return (wish.with(known), key)
        }
        // Who has no time to hear the answer does not ask.
        guard wish.mayPay, wish.lookUntil.map({ $0 > time.now }) ?? true else { return (wish, nil) }
        do {
            let found = try await inTime(wish.lookUntil) { try await look(wish, picture, key, with: vision) }
            return (wish.with(found), key)
        } catch let error as BusyElsewhere where wish.lookUntil.map({ error.until <= $0 }) ?? true {
            throw error
        } catch let error as any Failure where !error.isOutage {
            return (wish, nil)
        }
    }

    private func look(
        _ wish: Wish,
        _ picture: PictureSource,
        _ key: String,
        with vision: VisionReading,
    ) async throws -> JSON {
        try await flights.withEqualPictures(key) { [self] in
            try await alone(key, wish.asker, Self.looking) { _ in
                let file = try await picture.read()
                let blocks = try await counted(Self.looking) {
                    try await vision.read(wish.blocks, of: file, wish.expenses)
                }
                return JSON(blocks.map(\.json))
            }
        }
    }
}

extension TranslationDesk.Wish {
    /// With the blocks of a look.
    fileprivate func with(_ found: JSON) -> TranslationDesk.Wish {
        var better = self
        better.blocks = found.array?.compactMap(TranslatedBlock.init(json:)) ?? blocks
        return better
    }
}
