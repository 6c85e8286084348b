import Database
import Kernel

/// How much of the disk the tasks of a client may hold at once. It is counted where that is limited.
struct ClientStorage: Sendable {
    let database: any Database
    /// Bytes as they were sent; 0 for any number.
    let limit: Int

    /// Counts the files of a new task.
    ///
    /// - Throws: ``TranslationError/storageFull(limitBytes:)`` when the client's tasks would hold too much with it.
    func take(
        _ bytes: Int,
        for task: ID<TranslationTask>,
        of client: String,
        in transaction: any Transaction,
    ) throws {
        guard limit > 0 else { return }
        let row = try transaction.first(
            """
            INSERT INTO translation_storage (client, bytes) VALUES (\(client), \(bytes))
            ON CONFLICT (client) DO UPDATE SET bytes = translation_storage.bytes + excluded.bytes RETURNING bytes
            """
        )
        try require(row?.get("bytes") ?? bytes)
        try transaction.execute("UPDATE translation_task SET client = \(client), bytes = \(bytes) WHERE id = \(task)")
    }

    /// Looks whether there is room, before anything is stored; ``take(_:for:of:in:)`` decides.
    ///
    /// - Throws: As that.
    func check(_ bytes: Int, of client: String) async throws {
        guard limit > 0 else { return }
        let row = try await database.lookup("SELECT bytes FROM translation_storage WHERE client = \(client)")
        try require((row?.get("bytes") ?? 0) + bytes)
    }

    private func require(_ bytes: Int) throws(TranslationError) {
        if bytes > limit { throw .storageFull(limitBytes: limit) }
    }

    /// Gives back what tasks held, before their rows go: also where there is no limit any more.
    func free(_ tasks: [ID<TranslationTask>], in transaction: any Transaction) throws {
        let clients: SQL = "SELECT client FROM translation_task WHERE id IN (\(list: tasks)) AND bytes > 0"
        if transaction.dialect == .postgresql {
            // In one order, so that none of two removals waits for the other.
            try transaction.execute(
                "SELECT client FROM translation_storage WHERE client IN (\(clients)) ORDER BY client FOR UPDATE"
            )
        }
        try transaction.execute(
            """
            UPDATE translation_storage SET bytes = bytes - (
                SELECT SUM(task.bytes) FROM translation_task AS task
                WHERE task.client = translation_storage.client AND task.id IN (\(list: tasks))
            ) WHERE client IN (\(clients))
            """
        )
    }

    /// Forgets clients that hold nothing.
    func sweep() async throws { try await database.execute("DELETE FROM translation_storage WHERE bytes <= 0") }
}
