import Database
import Images
import Jobs
import Kernel
import ObjectStore
import SharedState

/// Has the words of a picture translated.
struct TranslatingStage: Sendable {
    let parts: StageParts
    let desk: TranslationDesk
    let images: ImagesModule
    let objects: TranslationObjects
    let memory: TranslationMemory

    func run(_ work: StageWork, _ context: JobContext) async throws -> JobEffect {
        let (image, task) = (work.image, work.task)
        let others = task.options.hasContext && task.images > 1 ? try await words(beside: image) : []
        let mayPay = try await parts.usage.mayPay(image.client, at: parts.time.now)
        let original = source(image)
        var wish = wish(work, original, isLastTry: context.attempt >= context.maxAttempts)
        (wish.context, wish.mayPay) = (others, mayPay)
        let result = try await desk.translate(wish)
        if let drawing = result.drawing { try await adopt(drawing, from: original, for: image) }
        let (memory, parts) = (memory, parts)
        return { transaction in
            for key in result.memory { try memory.hold(key, for: task.id, in: transaction) }
            try parts.pass(on: result, of: image, in: transaction)
        }
    }

    /// What this machine makes of a picture by itself; `nil` where others are to be asked, and when it fails: that is a
    /// job's to repeat.
    func atOnce(_ work: StageWork) async -> TranslationResult? {
        guard desk.isLocal(work.image.blocks, of: work.task) else { return nil }
        return try? await desk.translate(wish(work, source(work.image), isLastTry: false))
    }

    private func wish(_ work: StageWork, _ original: PictureSource, isLastTry: Bool) -> TranslationDesk.Wish {
        let (image, task) = (work.image, work.task)
        let start = image.startedAt ?? parts.time.now
        return TranslationDesk.Wish(
            blocks: image.blocks,
            source: task.source,
            target: task.target,
            provider: task.provider,
            options: task.options,
            deadline: task.deadline,
            lookUntil: task.deadline.map { start + ($0 - start) / 2 },
            picture: original,
            asker: TranslationMemory.Asker(image: image.id, task: task.id),
            expenses: expenses(of: image),
            isLastTry: isLastTry,
        )
    }

    /// Everything is booked at once: the picture may be deleted before its work ends, or the work be lost.
    private func expenses(of image: TranslationImage) -> Expenses {
        Expenses { [usage = parts.usage, time = parts.time] cost in
            await usage.bill(cost, for: image, at: time.now)
        }
    }

    private func source(_ image: TranslationImage) -> PictureSource {
        let (parts, images, objects) = (parts, images, objects)
        return PictureSource(
            contentHash: image.contentHash,
            read: { try await images.original(of: ID(same: image.id)) },
            keep: { try await parts.keep(modelDrawing: $0, of: image, in: objects) },
            find: { try await objects.drawing($0) },
        )
    }

    /// What was drawn for an equal picture goes with that one, which may be gone by now: then it is drawn anew.
    private func adopt(_ drawing: StoredDrawing, from source: PictureSource, for image: TranslationImage) async throws {
        guard drawing.name != TranslationObjects.drawingKey(of: image.id).text else { return }
        guard let file = try await source.file(of: drawing) else {
            throw BusyElsewhere(until: parts.time.now + .seconds(1))
        }
        _ = try await parts.keep(modelDrawing: file, of: image, in: objects)
    }

    /// What stands on the other pictures and not on this one; equal pictures tell each other nothing.
    private func words(beside image: TranslationImage) async throws -> [String] {
        let own = TranslationImageStore.words(of: image)
        return try await parts.images.words(beside: image).reduce(into: []) { words, other in
            if other != own, !words.contains(other) { words.append(other) }
        }
    }
}
