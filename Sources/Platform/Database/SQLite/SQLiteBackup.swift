internal import CSQLite
import Glibc
import Kernel
import Synchronization

extension SQLiteDatabase {
    /// Copies the database as it is now into a new file, while readers and writers go on. The copy is checked and
    /// appears under `destination` only when it is whole and on disk; an older file there is replaced.
    ///
    /// The copy reads one snapshot to its end, so later commits never make it start over; the log file cannot shrink
    /// meanwhile.
    ///
    /// - Throws: ``DatabaseError`` such as `diskFull` at the destination, `CancellationError`.
    package func backup(to destination: String) async throws {
        let flag = CancellationFlag()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                startThread(name: "sqlite-backup") { [path, settings] in
                    let copy = SQLiteCopy(source: path, destination: destination, settings: settings, flag: flag)
                    continuation.resume(with: Result { try copy.run() })
                }
            }
        } onCancel: {
            flag.set()
        }
    }

    /// SQLite's own check of the whole file, indexes included: empty when it is sound, else the first things it found.
    package func integrityProblems() async throws(DatabaseError) -> [String] {
        try await onPool(.query) { connection throws(DatabaseError) in try connection.problems("PRAGMA integrity_check")
        }
    }
}

private final class CancellationFlag: Sendable {
    private let flag = Atomic(false)
    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}

extension SQLiteConnection {
    fileprivate func problems(_ check: SQL) throws(DatabaseError) -> [String] {
        var problems: [String] = []
        for row in try rows(check) {
            let found: String = try row.get(row.columns[0])
            if found != "ok" { problems.append(found) }
        }
        return problems
    }
}

/// One run of the backup, on a thread of its own: it blocks as long as the disk takes.
private struct SQLiteCopy {
    let source: String
    let destination: String
    let settings: SQLiteSettings
    let flag: CancellationFlag
    /// 4 MiB with pages of 4 KiB: a few milliseconds between two looks at the cancellation.
    private let pagesPerStep: Int32 = 1024

    func run() throws {
        let partial = destination + ".partial"
        removeFiles(partial)
        do {
            try copy(to: partial)
            try publish(partial)
        } catch {
            removeFiles(partial)
            throw error
        }
    }

    private func copy(to partial: String) throws {
        let reading = try SQLiteConnection.open(source, .reading, settings)
        // A transaction of our own pins the snapshot: otherwise each commit of the writer restarts the copy.
        try reading.runScript("BEGIN; SELECT COUNT(*) FROM sqlite_schema")
        let writing = try SQLiteConnection.open(partial, .copying, settings)
        try copyPages(from: reading, to: writing)
        if let problem = try writing.problems("PRAGMA quick_check").first {
            throw DatabaseError.corrupt(detail: problem)
        }
        // The pages carry the WAL mark; without it the copy is one self-contained file.
        try writing.runScript("PRAGMA journal_mode = DELETE")
    }

    private func copyPages(from reading: SQLiteConnection, to writing: SQLiteConnection) throws {
        guard let backup = sqlite3_backup_init(writing.handle, "main", reading.handle, "main") else {
            throw DatabaseError.sqlite(sqlite3_errcode(writing.handle), on: writing.handle, sql: "backup")
        }
        var code = SQLITE_OK
        while code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED, !flag.isSet {
            if code != SQLITE_OK { usleep(20_000) }
            code = sqlite3_backup_step(backup, pagesPerStep)
        }
        let result = sqlite3_backup_finish(backup)
        if flag.isSet { throw CancellationError() }
        guard code == SQLITE_DONE, result == SQLITE_OK else {
            throw DatabaseError.sqlite(code == SQLITE_DONE ? result : code, on: writing.handle, sql: "backup")
        }
    }

    /// Renames the finished copy; the folder is synced so that the name survives a power cut too.
    private func publish(_ partial: String) throws {
        guard rename(partial, destination) == 0 else { throw DatabaseError.inputOutput(detail: "rename: \(errno)") }
        let folder = destination.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/"
        )
        let descriptor = open(
            folder.isEmpty ? (destination.hasPrefix("/") ? "/" : ".") : folder,
            O_RDONLY | O_DIRECTORY,
        )
        guard descriptor >= 0 else { throw DatabaseError.inputOutput(detail: "open folder: \(errno)") }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw DatabaseError.inputOutput(detail: "fsync folder: \(errno)") }
    }

    private func removeFiles(_ path: String) {
        for suffix in ["", "-journal", "-wal", "-shm"] { unlink(path + suffix) }
    }
}
