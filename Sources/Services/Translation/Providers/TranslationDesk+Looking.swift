import Kernel
import Telemetry

extension TranslationDesk {
    /// How the figures call whoever looks.
    private static let looking = "vision"

    /// The wish with its blocks as a vision model reads them where the reader was not sure, and what that is remembered as.
    /// Equal places of equal pictures are looked at once. When the model cannot be asked now, all stays as it was.
    ///
    /// It gets half of the time until the deadline, so that the words can be translated too.
    func looked(at wish: Wish) async throws -> (wish: Wish, key: String?) {
        guard let vision, let picture = wish.picture, !VisionReading.places(in: wish.blocks).isEmpty else {
            return (wish, nil)
        }
        let key = TranslationMemory.key(["look", picture.contentHash] + wish.blocks.map(\.text))
        let found: JSON
        do {
            let end = wish.deadline.map { time.now + ($0 - time.now) / 2 }
            found = try await inTime(end) { try await look(wish, picture, key, with: vision) }
        } catch let error as any Failure where !(error is BusyElsewhere) && !error.isOutage {
            return (wish, nil)
        }
        var better = wish
        better.blocks = found.array?.compactMap(TranslatedBlock.init(json:)) ?? wish.blocks
        return (better, key)
    }

    private func look(
        _ wish: Wish,
        _ picture: PictureSource,
        _ key: String,
        with vision: VisionReading,
    ) async throws -> JSON {
        try await flights.withEqualPictures(key) { [self] in
            if let known = try await memory.value(key) {
                metrics.requests.add(1, Self.looking, "remembered")
                return known
            }
            return try await alone(key, wish.asker, Self.looking) {
                let file = try await picture.read()
                let blocks = try await counted(Self.looking) { try await vision.read(wish.blocks, of: file) }
                return JSON(blocks.map(\.json))
            }
        }
    }
}
