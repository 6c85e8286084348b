import Database
import Images
import Jobs
import Kernel

/// Draws the translation in place of the words.
struct RenderingStage: Sendable {
    let parts: StageParts
    let images: ImagesModule
    /// `nil` when nothing that draws is installed.
    let letterer: PictureLetterer?
    let objects: TranslationObjects
    /// Whether also pictures are read again that nobody is strict about.
    let checks: Bool

    func run(_ work: StageWork) async throws -> JobEffect {
        let (image, task, id) = (work.image, work.task, work.image.id)
        guard let letterer else { throw TranslationError.nothingReads }
        let picture = try await images.original(of: ID(same: id))
        let drawing = try await letterer.draw(
            PictureLetterer.Order(
                picture: picture,
                blocks: image.blocks,
                language: task.target,
                drawing: try await objects.drawing(of: image),
                isChecked: checks || task.options.isStrict,
            )
        )
        let flags = Self.flags(image.flags, drawing.blocks)
        if task.options.isStrict { try Self.requireGood(drawing.blocks) }
        let revision = image.revision + 1
        try await put(drawing, of: image, revision: revision)
        let (parts, now) = (parts, parts.time.now)
        return { transaction in
            guard try parts.tasks.hold(task.id, in: transaction) else { throw TranslationError.taskNotFound }
            let row = try transaction.first("SELECT state FROM translation_image WHERE id = \(id)")
            guard try row?.get("state", as: TranslationImage.State.self) == .rendering else { return }
            try parts.finish(id, of: task.id, "completed", in: transaction) { seq in
                try parts.images.setRendered(
                    drawing.blocks,
                    TranslationImageStore.Rendering(
                        flags: flags,
                        revision: revision,
                        seq: seq,
                        size: drawing.size,
                        at: now,
                    ),
                    of: id,
                    in: transaction,
                )
            }
        }
    }

    /// Whoever removes the task hides it before it looks for files, and the effect holds what is not hidden: files of a job
    /// that ends with its effect are found, and after any other end ``discard(_:)`` looks for them. Only a job that is told
    /// to stop may have ended by now.
    private func put(_ drawing: PictureLetterer.Drawing, of image: TranslationImage, revision: Int) async throws {
        try await Task { [objects] in try await objects.put(drawing, of: image.id, revision: revision) }.value
        if Task.isCancelled { try await Task { try await discard(image.id) }.value }
    }

    /// Removes the files of a picture whose task is removed.
    func discard(_ id: ID<TranslationImage>) async throws {
        guard try await !parts.images.isThere(id) else { return }
        try await objects.removeAll(of: id)
    }

    /// The flags of a picture: those of the translation, and what any of its blocks has.
    static func flags(_ flags: [String], _ blocks: [TranslatedBlock]) -> [String] {
        let ofBlocks = blocks.filter { !$0.isSkipped || $0.isVertical }.flatMap(\.flags).filter(isProblem)
        return (flags.filter { !isProblem($0) } + ofBlocks).reduce(into: []) { unique, flag in
            if !unique.contains(flag) { unique.append(flag) }
        }
    }

    /// - Throws: ``TranslationError/checkFailed(_:)`` with what is wrong and where.
    static func requireGood(_ blocks: [TranslatedBlock]) throws(TranslationError) {
        let drawn = blocks.filter { !$0.isSkipped || $0.isVertical }
        let failed = Self.flags([], drawn).map { flag in
            FailedCheck(flag: flag, blocks: drawn.filter { $0.flags.contains(flag) }.map(\.id))
        }
        guard failed.isEmpty else { throw .checkFailed(failed) }
    }

    /// Flags that keep a strict task's picture from being delivered.
    static func isProblem(_ flag: String) -> Bool { problems.contains(flag) }

    private static let problems: Set = [
        "overflow", "missing_glyphs", "low_contrast", "residual", "unreadable", "empty", "unchanged", "repetition",
        "wrong_language", "numbers_changed", "urls_changed", "glossary_missed", "unsure_reading", "vertical_text",
    ]
}
