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

    /// The picture, which is stored by then. It is made at most once.
    ///
    /// - Throws: ``Imaging/ImagingError`` for what cannot be decoded, ``TranslationError/taskNotFound`` when the task is
    ///   removed meanwhile, ``Jobs/JobLost``.
    func picture(_ image: TranslationImage, _ context: JobContext) async throws -> TranslationImage {
        guard let sent = image.sent else { return image }
        guard let file = try await objects.sent(sent) else { throw TranslationError.taskNotFound }
        let png = try await png(file, sent.page)
        let parts = parts
        _ = try await images.store(png, as: ID(same: image.id), settings.storePolicy) { picture, transaction in
            try context.requireHeld(in: transaction)
            guard try parts.tasks.hold(image.task, in: transaction) else { throw TranslationError.taskNotFound }
            try parts.images.setMade(picture, of: image.id, in: transaction)
        }
        if try await !parts.images.needs(sent.key, in: image.task) { objects.removeSoon(sent) }
        guard let made = try await parts.images.find(image.id) else { throw TranslationError.taskNotFound }
        return made
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
