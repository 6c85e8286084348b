import Database
import Jobs
import Kernel

/// Has the words of a picture translated.
struct TranslatingStage: Sendable {
    let parts: StageParts
    let desk: TranslationDesk

    func run(_ id: ID<TranslationImage>, _ context: JobContext) async throws -> JobEffect {
        guard let (image, task) = try await parts.images.work(id) else { return noEffect }  // deleted meanwhile
        let others = task.options.hasContext && task.images > 1 ? try await words(beside: image) : []
        let wish = TranslationDesk.Wish(
            blocks: image.blocks,
            source: task.source,
            target: task.target,
            provider: task.provider,
            options: task.options,
            context: others,
            asker: TranslationMemory.Asker(image: id, task: task.id),
            isLastTry: context.attempt >= context.maxAttempts,
        )
        var result = try await desk.translate(wish)
        result.flags = image.flags + result.flags
        let (memory, parts, taskID, translated) = (desk.memory, parts, task.id, result)
        return { transaction in
            if let key = translated.memory { try memory.hold(key, for: taskID, in: transaction) }
            guard try parts.images.setTranslated(translated, of: id, in: transaction) else { return }
            try parts.enqueue(RenderPicture(image: id), of: id, in: transaction)
            transaction.afterCommit { parts.changes.publish(taskID) }
        }
    }

    /// What stands on the other pictures and not on this one; equal pictures tell each other nothing.
    private func words(beside image: TranslationImage) async throws -> [String] {
        let own = TranslationImageStore.words(of: image)
        return try await parts.images.words(beside: image).reduce(into: []) { words, other in
            if other != own, !words.contains(other) { words.append(other) }
        }
    }
}
