import Database
import Kernel

/// What a new task knows.
struct NewTask: Sendable {
    let id: ID<TranslationTask>
    let owner: String
    let target: Language
    let source: Language?
    let provider: String?
    let options: TranslationOptions
    let webhookURL: String?
    let images: Int
    /// Of all files that were sent for it.
    let bytes: Int
    let skipped: [SkippedFile]
    let createdAt: Timestamp
    let expiresAt: Timestamp
    let deadline: Timestamp?

    /// Of a request that did not get so far within this time, because its process ended, the sweeper removes the rest.
    static let creationTime = Duration.seconds(3600)
}

/// The queries about tasks.
struct TaskStore: Sendable {
    let database: any Database

    // MARK: Reading

    /// `nil` when there is none, or not all of its pictures are stored.
    func find(_ id: ID<TranslationTask>) async throws -> TaskState? {
        let row = try await database.lookup(
            "SELECT \(TranslationTask.columns) FROM translation_task WHERE id = \(id) AND accepted = 1"
        )
        guard let task = try row.map(TranslationTask.init(row:)) else { return nil }
        return TaskState(task: task, images: try await images(of: id))
    }

    /// Whether there is such a task.
    func isThere(_ id: ID<TranslationTask>) async throws -> Bool {
        try await database.lookup("SELECT 1 AS there FROM translation_task WHERE id = \(id) AND accepted = 1") != nil
    }

    func images(of task: ID<TranslationTask>) async throws -> [TranslationImage] {
        try await database.query(
            "SELECT \(TranslationImage.columns) FROM translation_image WHERE task_id = \(task) ORDER BY position"
        ).map(TranslationImage.init(row:))
    }

    /// How far each of the tasks has come: another text when one of its pictures moved on. Those that are gone are left
    /// out.
    func versions(of tasks: [ID<TranslationTask>]) async throws -> [ID<TranslationTask>: String] {
        var versions: [ID<TranslationTask>: String] = [:]
        for row in try await database.query(Self.steps(of: tasks)) {
            let step = "\(try row.get("state", as: String.self)) \(try row.get("seq", as: Int.self)) "
            versions[try row.get("task_id"), default: ""] += step
        }
        return versions
    }

    /// A number of a result grows with every one, also when a picture is drawn anew.
    static func steps(of tasks: [ID<TranslationTask>]) -> SQL {
        """
        SELECT task_id, state, seq FROM translation_image WHERE task_id IN (\(list: tasks)) ORDER BY task_id, position
        """
    }

    /// The pictures of several tasks.
    func pictures(of tasks: [ID<TranslationTask>]) async throws -> [ID<TranslationImage>] {
        try await database.query("SELECT id FROM translation_image WHERE task_id IN (\(list: tasks))")
            .map { try $0.get("id") }
    }

    /// The newest tasks of an owner.
    func latest(of owner: String, limit: Int) async throws -> [TranslationTask] {
        try await database.query(Self.newest(of: owner, limit: limit)).map(TranslationTask.init(row:))
    }

    static func newest(of owner: String, limit: Int) -> SQL {
        """
        SELECT \(TranslationTask.columns) FROM translation_task WHERE owner = \(owner) AND accepted = 1
        ORDER BY id DESC LIMIT \(limit)
        """
    }

    /// All tasks of an owner, also those whose pictures are not all stored.
    func all(of owner: String, limit: Int) async throws -> [ID<TranslationTask>] {
        try await database.query("SELECT id FROM translation_task WHERE owner = \(owner) LIMIT \(limit)")
            .map { try $0.get("id") }
    }

    /// Tasks whose time is over, the accepted and the others.
    func expired(at now: Timestamp, limit: Int) async throws -> [ID<TranslationTask>] {
        try await database.query(Self.ended(at: now, limit: limit)).map { try $0.get("id") }
    }

    static func ended(at now: Timestamp, limit: Int) -> SQL {
        "SELECT id FROM translation_task WHERE expires_at <= \(now) ORDER BY expires_at LIMIT \(limit)"
    }

    // MARK: Changes, each inside the caller's transaction

    func insert(_ task: NewTask, in transaction: any Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO translation_task (id, owner, target, source, provider, options, webhook_url, images, skipped,
                created_at, expires_at, deadline_at)
            VALUES (\(task.id), \(task.owner), \(task.target.code), \(task.source?.code), \(task.provider),
                \(task.options.json), \(task.webhookURL), \(task.images), \(JSON(task.skipped.map(\.json))),
                \(task.createdAt), \(task.createdAt + NewTask.creationTime), \(task.deadline))
            """
        )
    }

    /// Makes the task visible.
    func accept(_ task: NewTask, in transaction: any Transaction) throws {
        try transaction.execute(
            "UPDATE translation_task SET accepted = 1, expires_at = \(task.expiresAt) WHERE id = \(task.id)"
        )
    }

    /// Keeps a task from being removed until the transaction ends.
    ///
    /// - Returns: Whether it is there.
    func hold(_ id: ID<TranslationTask>, in transaction: any Transaction) throws -> Bool {
        try transaction.execute("UPDATE translation_task SET accepted = 1 WHERE id = \(id) AND accepted = 1") == 1
    }

    /// Waits for whoever is changing one of the tasks. All that lock several do it in this order, so that none waits for
    /// another that waits for it.
    func lock(_ ids: [ID<TranslationTask>], in transaction: any Transaction) throws {
        guard transaction.dialect == .postgresql else { return }
        try transaction.execute("SELECT id FROM translation_task WHERE id IN (\(list: ids)) ORDER BY id FOR UPDATE")
    }

    /// Notes that a poll without a cursor has told results up to `seq`.
    func setDelivered(_ seq: Int, of id: ID<TranslationTask>) async throws {
        try await database.execute(
            "UPDATE translation_task SET delivered = \(seq) WHERE id = \(id) AND delivered < \(seq)"
        )
    }

    /// The next number of a result. Whoever gives one a number does it first: the locked row makes results of one task
    /// wait for each other, so that the last one knows that it is the last.
    ///
    /// - Returns: `nil` when the task is no more.
    func nextSeq(of id: ID<TranslationTask>, in transaction: any Transaction) throws -> Int? {
        try transaction.first(
            "UPDATE translation_task SET seq = seq + 1 WHERE id = \(id) RETURNING seq"
        )?.get("seq")
    }

    func countUnfinished(of id: ID<TranslationTask>, in transaction: any Transaction) throws -> Int {
        try transaction.first(
            """
            SELECT COUNT(*) AS n FROM translation_image
            WHERE task_id = \(id) AND state NOT IN ('completed', 'failed', 'cancelled')
            """
        )?.get("n") ?? 0
    }

    /// Removes tasks with their rows; their pictures are the caller's.
    func delete(_ ids: [ID<TranslationTask>], in transaction: any Transaction) throws {
        try transaction.execute("DELETE FROM translation_task WHERE id IN (\(list: ids))")
    }
}
