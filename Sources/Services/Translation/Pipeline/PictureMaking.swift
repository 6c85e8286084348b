import Images
import Imaging
import Jobs
import Kernel

/// Makes the pictures of what was sent as something else: pages of documents, and formats that become PNG.
struct PictureMaking: Sendable {
    let images: ImagesModule
    let objects: TranslationObjects
    let parts: StageParts
    /// Decodes what no process of its own decodes.
    let pool: WorkPool
    let settings: TranslationSettings
    /// Files that are in memory for it at once, as many as are decoded.
    let places: AsyncSemaphore

    /// How soon a picture comes back that found a line. It waits in the queue: in line its time would run out, and others
    /// that need no decoder would wait behind it.
    private static let pause = Duration.seconds(2)

    /// The picture, which is stored by then. It is made at most once.
    ///
    /// - Throws: ``Imaging/ImagingError`` for what cannot be decoded, ``TranslationError/taskNotFound`` when the task is
    ///   removed meanwhile, ``Jobs/JobLost``, ``Jobs/JobSnooze`` while many others are being made.
    func picture(_ image: TranslationImage, _ context: JobContext) async throws -> TranslationImage {
        guard let sent = image.sent else { return image }
        guard places.waiting < PictureConversion.outsidePool.width else {
            throw JobSnooze(until: parts.time.now + Self.pause)
        }
        let made = try await places.hold {
            guard let file = try await objects.sent(sent) else { throw TranslationError.taskNotFound }
            return try await png(file, sent.page)
        }
        let parts = parts
        _ = try await images.store(made, as: ID(same: image.id), settings.storePolicy) { picture, transaction in
            // Jobs are locked before tasks. That the task is gone says more than that the job is.
            let isHeld = Result { try context.requireHeld(in: transaction) }
            guard try parts.tasks.hold(image.task, in: transaction) else { throw TranslationError.taskNotFound }
            try isHeld.get()
            try parts.images.setMade(picture, of: image.id, in: transaction)
        }
        guard let image = try await parts.images.find(image.id) else { throw TranslationError.taskNotFound }
        return image
    }

    private func png(_ file: [UInt8], _ page: Int?) async throws -> [UInt8] {
        let settings = settings
        guard let page else {
            return try await (PictureConversion.pool(for: file) ?? pool).run {
                try PictureConversion.png(from: file, limits: settings.storedLimits)
            }
        }
        return try await PictureConversion.outsidePool.run {
            try PDFDocument(limits: settings.limits) { file }.png(ofPage: page)
        }
    }
}
