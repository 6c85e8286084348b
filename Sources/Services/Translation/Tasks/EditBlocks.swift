import Database
import Images
import Kernel
import SharedState

/// Changes the words on a picture and draws it anew.
struct EditBlocks: Sendable {
    /// What shall become of a block.
    struct Change: Sendable {
        let id: Int
        /// `nil` leaves it, an inner `nil` takes a person's word back.
        var text: String??
        var isSkipped: Bool?
    }

    /// Whether changed words are read again once they are drawn.
    let checks: Bool
    let images: ImagesModule
    let letterer: PictureLetterer?
    let objects: TranslationObjects
    let parts: StageParts

    /// Reads the body of a request.
    static func changes(_ body: JSON?) throws -> [Change] {
        guard let items = body?["blocks"]?.array, (1...1000).contains(items.count) else {
            throw TranslationError.badField(name: "blocks", reason: "Send a list of blocks, each with its id.")
        }
        return try items.map { item in
            guard let id = item["id"]?.integer else {
                throw TranslationError.badField(name: "id", reason: "Name each block by its number.")
            }
            var change = Change(id: Int(id), isSkipped: item["skipped"]?.bool)
            switch item["translation"] {
            case .string(let text): change.text = .some(String(text.prefix(8000)))
            case .null: change.text = .some(nil)
            case nil: break
            default:
                throw TranslationError.badField(name: "translation", reason: "Use a text, or null to take it back.")
            }
            return change
        }
    }

    /// - Returns: The picture after the change.
    /// - Throws: 404 for a block that is not there, 409 for a picture in work or changed by another meanwhile.
    func callAsFunction(
        _ image: TranslationImage,
        of task: TranslationTask,
        _ changes: [Change],
    ) async throws -> TranslationImage {
        guard image.state == .completed else { throw TranslationError.imageNotReady }
        guard let letterer else { throw TranslationError.nothingReads }
        let blocks = try edited(image.blocks, changes)
        let picture = try await images.original(of: ID(same: image.id))
        let drawing = try await letterer.draw(
            PictureLetterer.Order(
                picture: picture,
                blocks: blocks,
                language: task.target,
                drawing: try await objects.drawing(of: image),
                isChecked: checks,
            )
        )
        try await take(drawing, of: image)
        guard let changed = try await parts.images.find(image.id) else { throw TranslationError.imageNotFound }
        return changed
    }

    /// Of several edits at once the first one is taken. Each drawing has files of its own: the words of one edit never
    /// go with the drawing of another.
    private func take(_ drawing: PictureLetterer.Drawing, of image: TranslationImage) async throws {
        let store = parts.images
        let revision = try await store.database.transaction { transaction in
            try store.nextDrawing(of: image.id, since: image.revision, in: transaction)
        }
        guard let revision else {
            let isThere = try await store.find(image.id) != nil
            throw isThere ? TranslationError.changedMeanwhile : TranslationError.imageNotFound
        }
        try await parts.keep(drawing, of: image, revision: revision, in: objects)
        do {
            try await write(image, drawing, revision: revision)
        } catch let error as TranslationError {
            objects.removeSoon(image.id, revision: revision)
            throw error
        }
        objects.removeSoon(image.id, revision: image.revision)
    }

    private func edited(_ blocks: [TranslatedBlock], _ changes: [Change]) throws -> [TranslatedBlock] {
        var blocks = blocks
        for change in changes {
            guard let index = blocks.firstIndex(where: { $0.id == change.id }) else {
                throw TranslationError.blockNotFound(change.id)
            }
            if blocks[index].isVertical {
                throw TranslationError.badField(
                    name: "id",
                    reason: "Block \(change.id) stands in a column, which is not drawn.",
                )
            }
            if let text = change.text { blocks[index].edited = text }
            if let isSkipped = change.isSkipped { blocks[index].isSkipped = isSkipped }
            blocks[index].check = nil
        }
        return blocks
    }

    private func write(
        _ image: TranslationImage,
        _ drawing: PictureLetterer.Drawing,
        revision: Int,
    ) async throws {
        let (parts, now) = (parts, parts.time.now)
        try await parts.images.database.transaction { transaction in
            guard let seq = try parts.tasks.nextSeq(of: image.task, in: transaction) else {
                throw TranslationError.taskNotFound
            }
            let row = try transaction.first("SELECT revision FROM translation_image WHERE id = \(image.id)")
            guard try row?.get("revision", as: Int.self) == image.revision else {
                throw TranslationError.changedMeanwhile
            }
            try parts.images.setRendered(
                drawing.blocks,
                TranslationImageStore.Rendering(
                    flags: RenderingStage.flags(image.flags, drawing.blocks),
                    revision: revision,
                    seq: seq,
                    size: drawing.size,
                    at: now,
                ),
                of: image.id,
                in: transaction,
            )
            transaction.afterCommit { parts.changes.publish(image.task) }
        }
    }
}
