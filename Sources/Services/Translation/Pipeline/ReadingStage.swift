import Database
import Images
import Jobs
import Kernel
import SharedState

/// Finds the words on a picture, and translates them where this machine does that by itself: its milliseconds are no
/// job's worth.
struct ReadingStage: Sendable {
    let parts: StageParts
    let images: ImagesModule
    let making: PictureMaking
    /// `nil` when nothing that reads is installed.
    let letterer: PictureLetterer?
    let memory: TranslationMemory
    let translating: TranslatingStage
    private let flights = SingleFlight<String, JSON>(endsWithItsCallers: true)
    /// What was read here a moment ago may not be committed yet.
    private let recent = RecentlyUsed<String, JSON>(limit: 64)

    init(
        parts: StageParts,
        images: ImagesModule,
        making: PictureMaking,
        letterer: PictureLetterer?,
        memory: TranslationMemory,
        translating: TranslatingStage,
    ) {
        self.parts = parts
        self.images = images
        self.making = making
        self.letterer = letterer
        self.memory = memory
        self.translating = translating
    }

    /// A picture, and what is known of it from an equal one.
    struct Beginning: Sendable {
        let work: StageWork
        let known: JSON?
    }

    /// `nil` when the picture is not there or not in work any more.
    func begin(_ id: ID<TranslationImage>, in transaction: any Transaction) throws -> Beginning? {
        guard let work = try parts.images.begin(id, at: parts.time.now, in: transaction) else { return nil }
        transaction.afterCommit { [changes = parts.changes] in changes.publish(work.task.id) }
        return Beginning(work: work, known: try key(work.image).flatMap { try memory.value($0, in: transaction) })
    }

    func run(_ beginning: Beginning, _ context: JobContext) async throws -> JobEffect {
        var (work, known) = (beginning.work, beginning.known)
        guard let letterer else { throw TranslationError.nothingReads }
        if work.image.sent != nil {
            work.image = try await making.picture(work.image, context)
            if let key = key(work.image) { known = try await memory.value(key) }
        }
        let isNew = known == nil
        let found = if let known { known } else { try await read(work.image, letterer) }
        work.image.blocks = found.array?.compactMap(TranslatedBlock.init(json:)) ?? []
        let translated = await translating.atOnce(work)
        let (image, key, memory, parts) = (work.image, key(work.image), memory, parts)
        return { transaction in
            if let key, isNew { try memory.keep(found, as: key, for: image.task, in: transaction) }
            if let key, !isNew { try memory.hold(key, for: image.task, in: transaction) }
            guard try parts.images.setRead(image.blocks, of: image.id, in: transaction) else { return }
            if let translated { return try parts.pass(on: translated, of: image, in: transaction) }
            try parts.enqueue(TranslateWords(image: image.id), of: image.id, in: transaction)
            transaction.afterCommit { parts.changes.publish(image.task) }
        }
    }

    /// What is found on a picture is remembered as; `nil` before the picture is made.
    private func key(_ image: TranslationImage) -> String? {
        guard let letterer, image.sent == nil else { return nil }
        return TranslationMemory.key(["read", letterer.version, image.contentHash])
    }

    /// Equal pictures are read once by each process.
    private func read(_ image: TranslationImage, _ letterer: PictureLetterer) async throws -> JSON {
        try await flights.withEqualPictures(image.contentHash) { [images, recent] in
            if let known = recent[image.contentHash] { return known }
            let page = try await letterer.read(try await images.original(of: ID(same: image.id)))
            let found = JSON(page.blocks.map(\.json))
            recent[image.contentHash] = found
            return found
        }
    }
}
