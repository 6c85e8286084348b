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

    func callAsFunction(_ id: ID<TranslationTask>) async throws { try await self([id]) }

    /// Several at once: what each of them needs to be on the disk is synced together.
    func callAsFunction(_ ids: [ID<TranslationTask>]) async throws {
        let (parts, now) = (parts, parts.time.now)
        let pictures = try await parts.tasks.pictures(of: ids)
        try await parts.tasks.database.transaction { transaction in
            // Jobs first, as their effects do: two that wait for each other would be refused.
            for job in try parts.images.jobs(of: ids, in: transaction) { try parts.jobs.cancel(job, in: transaction) }
            try parts.tasks.lock(ids, in: transaction)
            // From here on nobody sees them, and the sweeper takes them up should this process end.
            try transaction.execute("UPDATE translation_task SET accepted = 0 WHERE id IN (\(list: ids))")
            try transaction.execute(
                "UPDATE translation_task SET expires_at = \(now) WHERE id IN (\(list: ids)) AND expires_at > \(now)"
            )
        }
        try await objects.removeAll(of: pictures, sentFor: ids)
        try await images.deleteAll(pictures.map { ID(same: $0) }, actor: "translation")
        let memory = memory
        try await parts.tasks.database.transaction { transaction in
            try memory.forget(ids, in: transaction)
            try parts.storage.free(ids, in: transaction)
            try parts.tasks.delete(ids, in: transaction)
        }
        for id in ids { parts.changes.publish(id) }
    }
}

/// Removes tasks whose time is over.
struct SweepTranslations: JobArguments {
    static let kind = "translation.sweep"
}

/// The work of ``SweepTranslations``.
struct TranslationSweep: Sendable {
    let remove: RemoveTask
    let retention: Duration

    /// Tasks that go together: so few that whoever writes meanwhile waits for some milliseconds.
    static let atOnce = 25
    /// While the files of some are removed, the rows of others are.
    private static let lanes = 2

    /// One pass.
    func sweep() async throws {
        let (tasks, time) = (remove.parts.tasks, remove.parts.time)
        while true {
            let expired = try await tasks.expired(at: time.now, limit: Self.lanes * Self.atOnce)
            try await withThrowingTaskGroup(of: Void.self) { [remove] group in
                for start in stride(from: 0, to: expired.count, by: Self.atOnce) {
                    group.addTask { try await remove(Array(expired[start...].prefix(Self.atOnce))) }
                }
                try await group.waitForAll()
            }
            try Task.checkCancellation()
            if expired.count < Self.lanes * Self.atOnce { break }
        }
        try await remove.parts.usage.sweep(at: time.now)
        try await remove.parts.storage.sweep()
        try await remove.memory.sweep(olderThan: max(retention, .seconds(86_400)))
    }
}
