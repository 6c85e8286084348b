import Database
import Kernel

/// What was found out about equal pictures, and translated for equal wishes: nothing is paid for twice.
struct TranslationMemory: Sendable {
    let database: any Database
    let time: any TimeSource

    func value(_ key: String) async throws -> JSON? {
        try await database.lookup("SELECT value FROM translation_memory WHERE id = \(key)")?.get("value")
    }

    func keep(_ value: JSON, as key: String) async throws {
        let now = time.now
        try await database.execute(
            """
            INSERT INTO translation_memory (id, value, created_at) VALUES (\(key), \(value), \(now))
            ON CONFLICT (id) DO UPDATE SET value = excluded.value, created_at = excluded.created_at
            """
        )
    }

    /// Forgets what is older than `age`.
    func sweep(olderThan age: Duration) async throws {
        try await database.execute("DELETE FROM translation_memory WHERE created_at < \(time.now - age)")
    }

    /// A short name for many parts.
    static func key(_ parts: [String]) -> String {
        Digest.sha256(Array(parts.joined(separator: "\u{0}").utf8)).hexadecimal
    }
}
