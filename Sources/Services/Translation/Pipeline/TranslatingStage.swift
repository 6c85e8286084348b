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

    func run(_ id: ID<TranslationImage>, _ context: JobContext) async throws -> JobEffect {
        guard let (image, task) = try await parts.images.work(id) else { return noEffect }  // deleted meanwhile
        let others = task.options.hasContext && task.images > 1 ? try await words(beside: image) : []
        let original = source(image)
        let start = image.startedAt ?? parts.time.now
        let wish = TranslationDesk.Wish(
            blocks: image.blocks,
            source: task.source,
            target: task.target,
            provider: task.provider,
            options: task.options,
            context: others,
            deadline: task.deadline,
            lookUntil: task.deadline.map { start + ($0 - start) / 2 },
            picture: original,
            asker: TranslationMemory.Asker(image: id, task: task.id),
            mayPay: try await parts.usage.mayPay(for: id, at: parts.time.now),
            isLastTry: context.attempt >= context.maxAttempts,
        )
        var result = try await billing(wish, to: id) {
            let result = try await desk.translate(wish)
            if let drawing = result.drawing { try await adopt(drawing, from: original, for: image) }
            return result
        }
        result.flags = image.flags + result.flags
        let (memory, parts, taskID, translated) = (memory, parts, task.id, result)
        let (cost, now) = (wish.expenses.total, parts.time.now)
        return { transaction in
            for key in translated.memory { try memory.hold(key, for: taskID, in: transaction) }
            try parts.usage.bill(cost, for: id, at: now, in: transaction)
            guard try parts.images.setTranslated(translated, of: id, in: transaction) else { return }
            try parts.enqueue(RenderPicture(image: id), of: id, in: transaction)
            transaction.afterCommit { parts.changes.publish(taskID) }
        }
    }

    /// Notes what the work cost, when it fails or is stopped: then nothing else is written.
    private func billing<Value>(
        _ wish: TranslationDesk.Wish,
        to id: ID<TranslationImage>,
        _ work: () async throws -> Value,
    ) async throws -> Value {
        do { return try await work() } catch {
            let (cost, usage, now) = (wish.expenses.total, parts.usage, parts.time.now)
            guard cost > 0 else { throw error }
            // Not in a task that may be cancelled.
            try await Task {
                try await usage.database.transaction { try usage.bill(cost, for: id, at: now, in: $0) }
            }.value
            throw error
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
