import Database
import Kernel

/// The name that a client gave its request, so that it may send it twice.
struct IdempotencyName: Sendable {
    private let owner: String
    private let key: String
    private let hash: String

    /// `hashes`: The pictures' bytes, which belong to what makes two requests the same.
    init(owner: String, key: String, _ request: TaskRequest, _ hashes: [String]) {
        self.owner = owner
        self.key = key
        hash = TranslationMemory.key(
            [
                request.target.code, request.source?.code ?? "", request.provider ?? "", request.webhookURL ?? "",
                request.options.json.text, request.patience.map { "\($0)" } ?? "",
                request.retention.map { "\($0)" } ?? "",
            ] + hashes
        )
    }

    /// - Throws: ``KeyIsTaken`` when a request had that name before.
    func take(for task: ID<TranslationTask>, in transaction: any Transaction) throws {
        let taken = try transaction.execute(
            """
            INSERT INTO translation_idempotency (owner, idempotency_key, request_hash, task_id)
            VALUES (\(owner), \(key), \(hash), \(task)) ON CONFLICT (owner, idempotency_key) DO NOTHING
            """
        )
        guard taken == 0 else { return }
        let row = try transaction.first(
            """
            SELECT request_hash, task_id FROM translation_idempotency
            WHERE owner = \(owner) AND idempotency_key = \(key)
            """
        )
        guard let row else { return }
        throw KeyIsTaken(task: try row.get("task_id"), isSameRequest: try row.get("request_hash") == hash)
    }
}

/// A request of that name was accepted before.
struct KeyIsTaken: Error {
    let task: ID<TranslationTask>
    let isSameRequest: Bool
}
