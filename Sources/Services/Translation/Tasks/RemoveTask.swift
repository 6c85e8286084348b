import Database
import Images
import Jobs
import Kernel
import SharedState

/// Removes tasks with everything that belongs to them. It may be repeated: whatever is left behind goes next time.
struct RemoveTask: Sendable {
    let images: ImagesModule
    let memory: TranslationMemory
    let objects: TranslationObjects
    let parts: StageParts

    func callAsFunction(_ id: ID<TranslationTask>) async throws {
        let (parts, now) = (parts, parts.time.now)
        let pictures = try await parts.tasks.images(of: id)
        try await parts.tasks.database.transaction { transaction in
            // Jobs first, as their effects do: two that wait for each other would be refused.
            for job in try parts.images.jobs(of: id, in: transaction) { try parts.jobs.cancel(job, in: transaction) }
            // From here on nobody sees it, and the sweeper takes it up should this process end.
            try transaction.execute(
                "UPDATE translation_task SET accepted = 0, expires_at = \(now) WHERE id = \(id)"
            )
        }
        for picture in pictures {
            try await objects.removeAll(of: picture.id)
            try await images.delete(ID(same: picture.id), actor: "translation")
        }
        try await objects.removeSent(of: id)
        let memory = memory
        try await parts.tasks.database.transaction { transaction in
            try memory.forget(id, in: transaction)
            _ = try parts.tasks.delete(id, in: transaction)
        }
        parts.changes.publish(id)
    }
}

/// Removes tasks whose time is over, a few hundred at a time.
struct SweepTranslations: JobArguments {
    static let kind = "translation.sweep"
}

/// The work of ``SweepTranslations``.
struct TranslationSweep: Sendable {
    let remove: RemoveTask
    let retention: Duration

    /// One pass.
    func sweep() async throws {
        let (tasks, time) = (remove.parts.tasks, remove.parts.time)
        while true {
            let expired = try await tasks.expired(at: time.now, limit: 200)
            for task in expired {
                try Task.checkCancellation()
                try await remove(task)
            }
            if expired.count < 200 { break }
        }
        try await remove.parts.usage.sweep(at: time.now)
        try await remove.memory.sweep(olderThan: max(retention, .seconds(86_400)))
    }
}
