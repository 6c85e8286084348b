import Database
import Images
import Jobs
import Kernel
import SharedState

/// Finds the words on a picture.
struct ReadingStage: Sendable {
    let parts: StageParts
    let images: ImagesModule
    let making: PictureMaking
    /// `nil` when nothing that reads is installed.
    let letterer: PictureLetterer?
    let memory: TranslationMemory
    private let flights = SingleFlight<String, JSON>(endsWithItsCallers: true)

    init(
        parts: StageParts,
        images: ImagesModule,
        making: PictureMaking,
        letterer: PictureLetterer?,
        memory: TranslationMemory,
    ) {
        self.parts = parts
        self.images = images
        self.making = making
        self.letterer = letterer
        self.memory = memory
    }

    func run(_ id: ID<TranslationImage>, _ context: JobContext) async throws -> JobEffect {
        guard let work = try await parts.images.work(id) else { return noEffect }  // deleted meanwhile
        let (store, now, task) = (parts.images, parts.time.now, work.task.id)
        let isThere = try await context.transaction { try store.begin(id, at: now, in: $0) }
        guard isThere else { return noEffect }
        parts.changes.publish(task)
        guard let letterer else { throw TranslationError.nothingReads }
        let image = try await making.picture(work.image, context)
        let key = TranslationMemory.key(["read", letterer.version, image.contentHash])
        let blocks = try await blocks(of: image, letterer, key)
        let (memory, parts) = (memory, parts)
        return { transaction in
            try memory.hold(key, for: task, in: transaction)
            guard try store.setRead(blocks, of: id, in: transaction) else { return }
            try parts.enqueue(TranslateWords(image: id), of: id, in: transaction)
            transaction.afterCommit { parts.changes.publish(task) }
        }
    }

    /// Equal bytes are read once by each version.
    private func blocks(
        of image: TranslationImage,
        _ letterer: PictureLetterer,
        _ key: String,
    ) async throws -> [TranslatedBlock] {
        let found = try await flights.withEqualPictures(key) { [images, memory] in
            if let known = try await memory.value(key) { return known }
            let page = try await letterer.read(try await images.original(of: ID(same: image.id)))
            let value = JSON(page.blocks.map(\.json))
            try await memory.keep(value, as: key, for: image.task)
            return value
        }
        return found.array?.compactMap(TranslatedBlock.init(json:)) ?? []
    }
}
