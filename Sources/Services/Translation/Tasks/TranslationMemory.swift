import Database
import Kernel

/// What was found out about equal pictures, and translated for equal wishes: nothing is paid for twice. It belongs to
/// the tasks that use it, and goes with the last of them.
struct TranslationMemory: Sendable {
    /// The picture for which something is found out, and its task.
    struct Asker: Sendable {
        let image: ID<TranslationImage>
        let task: ID<TranslationTask>
    }

    let database: any Database
    let time: any TimeSource

    /// A little longer than an attempt may take.
    private static let claimLifetime = Duration.seconds(660)

    func value(_ key: String) async throws -> JSON? { try await database.lookup(Self.value(key))?.get("value") }

    /// In the caller's transaction.
    func value(_ key: String, in transaction: any Transaction) throws -> JSON? {
        try transaction.first(Self.value(key))?.get("value")
    }

    private static func value(_ key: String) -> SQL { "SELECT value FROM translation_memory WHERE id = \(key)" }

    /// Keeps a value for a task, unless that is removed meanwhile; without a task until the sweeper comes. The claim on
    /// it, if there is one, ends.
    func keep(_ value: JSON, as key: String, for task: ID<TranslationTask>?) async throws {
        try await database.transaction { transaction in
            try task.map { try keep(value, as: key, for: $0, in: transaction) } ?? put(value, as: key, in: transaction)
            try transaction.execute("DELETE FROM translation_claim WHERE id = \(key)")
        }
    }

    /// Keeps a value on which nobody has a claim, in the caller's transaction.
    func keep(
        _ value: JSON,
        as key: String,
        for task: ID<TranslationTask>,
        in transaction: any Transaction,
    ) throws {
        if try hold(key, for: task, in: transaction) { try put(value, as: key, in: transaction) }
    }

    private func put(_ value: JSON, as key: String, in transaction: any Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO translation_memory (id, value, created_at) VALUES (\(key), \(value), \(time.now))
            ON CONFLICT (id) DO UPDATE SET value = excluded.value, created_at = excluded.created_at
            """
        )
    }

    /// Notes that a task uses what is remembered. In a transaction that changes more of the task it comes first: all of
    /// them lock the task before its pictures.
    ///
    /// - Returns: Whether the task is still there.
    @discardableResult
    func hold(_ key: String, for task: ID<TranslationTask>, in transaction: any Transaction) throws -> Bool {
        // A task that is being deleted right now is waited for, and then it is gone.
        let lock: SQL = transaction.dialect == .postgresql ? "FOR KEY SHARE" : ""
        return try transaction.execute(
            """
            INSERT INTO translation_memory_use (memory_id, task_id)
            SELECT CAST(\(key) AS TEXT), id FROM translation_task WHERE id = \(task) AND accepted = 1 \(lock)
            ON CONFLICT (memory_id, task_id) DO UPDATE SET task_id = excluded.task_id
            """
        ) == 1
    }

    /// Forgets what no other task uses, before the tasks' own rows go.
    func forget(_ tasks: [ID<TranslationTask>], in transaction: any Transaction) throws {
        if transaction.dialect == .postgresql { try lock(tasks, in: transaction) }
        try transaction.execute(
            """
            DELETE FROM translation_claim
            WHERE holder IN (SELECT id FROM translation_image WHERE task_id IN (\(list: tasks)))
            """
        )
        try transaction.execute(
            """
            DELETE FROM translation_memory
            WHERE id IN (SELECT memory_id FROM translation_memory_use WHERE task_id IN (\(list: tasks)))
                AND NOT EXISTS (
                    SELECT 1 FROM translation_memory_use AS other
                    WHERE other.memory_id = translation_memory.id AND other.task_id NOT IN (\(list: tasks))
                )
            """
        )
    }

    /// Waits for whoever is keeping something for the tasks, and for others that forget the same: each of two would take
    /// the other for one that still uses it.
    private func lock(_ tasks: [ID<TranslationTask>], in transaction: any Transaction) throws {
        try transaction.execute("SELECT id FROM translation_task WHERE id IN (\(list: tasks)) ORDER BY id FOR UPDATE")
        try transaction.execute(
            """
            SELECT id FROM translation_memory
            WHERE id IN (SELECT memory_id FROM translation_memory_use WHERE task_id IN (\(list: tasks)))
            ORDER BY id FOR UPDATE
            """
        )
    }

    /// What there is of something that is to be found out.
    enum Claim: Sendable, Equatable {
        case known(JSON)
        /// It is the asker's to find out, and `begun` is what was kept of that before.
        case ours(begun: JSON?)
        /// Another picture's work is at it.
        case others
    }

    /// Takes the right to find something out, of all processes, where it is not known or where what is known does not
    /// serve. A picture whose work begins anew, because the process that did it ended, takes it from itself.
    func claim(_ key: String, by holder: String, isKnownGood: Bool = true) async throws -> Claim {
        let now = time.now
        return try await database.transaction { [self] transaction in
            if isKnownGood, let known = try value(key, in: transaction) { return .known(known) }
            let taken = try transaction.execute(
                """
                INSERT INTO translation_claim (id, holder, expires_at)
                VALUES (\(key), \(holder), \(now + Self.claimLifetime))
                ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
                WHERE translation_claim.expires_at <= \(now) OR translation_claim.holder = excluded.holder
                """
            )
            guard taken == 1 else { return .others }
            // Whoever had the claim may have kept the answer after it was looked for.
            if isKnownGood, let known = try value(key, in: transaction) {
                try release(key, by: holder, in: transaction)
                return .known(known)
            }
            return .ours(begun: try value(Self.begun(key), in: transaction))
        }
    }

    /// As what that is kept which is known of something before it is found out.
    static func begun(_ key: String) -> String { Self.key(["begun", key]) }

    /// Gives the right back.
    func release(_ key: String, by holder: String) async throws {
        try await database.transaction { try release(key, by: holder, in: $0) }
    }

    private func release(_ key: String, by holder: String, in transaction: any Transaction) throws {
        try transaction.execute("DELETE FROM translation_claim WHERE id = \(key) AND holder = \(holder)")
    }

    /// Forgets what is older than `age`.
    func sweep(olderThan age: Duration) async throws {
        let now = time.now
        while try await database.execute(Self.outdated(before: now - age)) == Self.sweptAtOnce {
            try Task.checkCancellation()
        }
        try await database.execute("DELETE FROM translation_claim WHERE expires_at <= \(now)")
    }

    /// Whoever writes meanwhile waits for so many.
    private static let sweptAtOnce = 500

    static func outdated(before moment: Timestamp) -> SQL {
        """
        DELETE FROM translation_memory WHERE id IN (
            SELECT id FROM translation_memory WHERE created_at < \(moment) ORDER BY created_at LIMIT \(sweptAtOnce)
        )
        """
    }

    /// A short name for many parts.
    static func key(_ parts: [String]) -> String {
        Digest.sha256(Array(parts.joined(separator: "\u{0}").utf8)).hexadecimal
    }
}
