internal import CSQLite
import Kernel

/// One connection and its prepared statements.
///
/// Sendable because one thread at a time uses it: the writer's own thread, or whoever took it from ``SQLiteReaders``.
final class SQLiteConnection: @unchecked Sendable {
    enum Mode {
        case reading, writing
        /// A new file that a backup fills; its pages decide about everything else.
        case copying
    }

    private struct Statement {
        let pointer: OpaquePointer
        var columns: [String]
    }

    let handle: OpaquePointer
    private var statements: [String: Statement] = [:]
    /// A list of binds makes a new text for every length: without a limit they would pile up.
    private let cacheLimit = 256

    private init(handle: OpaquePointer) { self.handle = handle }

    deinit {
        finalizeStatements()
        sqlite3_close_v2(handle)
    }

    private static let configured = csqlite_configure()

    /// Opens the file; a writing connection makes it and turns WAL on.
    static func open(
        _ path: String,
        _ mode: Mode,
        _ settings: SQLiteSettings,
    ) throws(DatabaseError)
        -> SQLiteConnection
    {
        guard configured == SQLITE_OK else { throw .unavailable(detail: "SQLite refuses its configuration") }
        let access = mode == .reading ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        // One thread at a time uses a connection, so SQLite's own mutexes would only cost.
        let flags = access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard let opened else { throw .unavailable(detail: "no memory for a connection") }
        let connection = SQLiteConnection(handle: opened)
        guard code == SQLITE_OK else { throw .sqlite(code, on: opened, sql: "open") }
        try connection.prepareSession(mode, settings)
        return connection
    }

    private func prepareSession(_ mode: Mode, _ settings: SQLiteSettings) throws(DatabaseError) {
        try check(csqlite_forbid_double_quoted_strings(handle), "db_config")
        try check(sqlite3_busy_timeout(handle, Int32(clamping: settings.busyTimeout.milliseconds)), "busy_timeout")
        // A mapped file would turn an I/O error into SIGBUS.
        try runScript("PRAGMA mmap_size = 0; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF")
        guard mode == .writing else { return }
        try turnOnLog(settings.busyTimeout)
        try runScript(
            """
            PRAGMA synchronous = \(settings.synchronous.rawValue);
            PRAGMA journal_size_limit = 67108864
            """
        )
        if let pages = settings.maximumPages { try runScript("PRAGMA max_page_count = \(pages)") }
    }

    /// Needs a new file for itself for a moment, and SQLite does not wait for that when several processes start.
    private func turnOnLog(_ patience: Duration) throws(DatabaseError) {
        let end = ContinuousClock.now + patience
        while true {
            do throws(DatabaseError) {
                return try runScript("PRAGMA journal_mode = WAL")
            } catch {
                guard error == .busy, ContinuousClock.now < end else { throw error }
                Semaphore().wait(atMost: .milliseconds(5))
            }
        }
    }

    /// Whether no transaction is open; SQLite ends one by itself after some errors.
    var isIdle: Bool { sqlite3_get_autocommit(handle) != 0 }

    /// Runs a statement to its end and returns its first `limit` rows.
    func rows(_ sql: SQL, limit: Int = .max) throws(DatabaseError) -> [Row] {
        let (text, values) = sql.render(for: .sqlite)
        return try rows(text, values, limit: limit)
    }

    /// Runs a statement to its end and returns how many rows it changed, those of triggers not counted.
    func changes(_ sql: SQL) throws(DatabaseError) -> Int {
        // sqlite3_changes keeps its value after a statement that changes nothing, such as CREATE.
        let before = sqlite3_total_changes64(handle)
        _ = try rows(sql, limit: 0)
        return sqlite3_total_changes64(handle) == before ? 0 : Int(sqlite3_changes64(handle))
    }

    /// Runs statements that are constant text: pragmas, BEGIN, COMMIT.
    func runScript(_ text: String) throws(DatabaseError) {
        try check(sqlite3_exec(handle, text, nil, nil, nil), text)
    }

    /// Runs one constant statement through the cache, without rows.
    func run(_ text: StaticString) throws(DatabaseError) { _ = try rows("\(text)", [], limit: 0) }

    private func rows(_ text: String, _ values: [SQLValue], limit: Int) throws(DatabaseError) -> [Row] {
        var statement = try prepared(text)
        defer {
            // An unfinished statement would keep its snapshot, and the log could never be checkpointed.
            sqlite3_reset(statement.pointer)
            sqlite3_clear_bindings(statement.pointer)
        }
        try bind(values, to: statement.pointer, text)
        var rows: [Row] = []
        while true {
            let code = sqlite3_step(statement.pointer)
            if code == SQLITE_DONE { return rows }
            guard code == SQLITE_ROW else { throw .sqlite(code, on: handle, sql: text) }
            if rows.isEmpty, sqlite3_stmt_status(statement.pointer, SQLITE_STMTSTATUS_REPREPARE, 1) > 0 {
                // The schema changed under a cached statement: `*` may now mean other columns.
                statement.columns = columnNames(statement.pointer)
                statements[text] = statement
            }
            if rows.count < limit { rows.append(row(statement)) }
            // A point read has what it came for; a writing statement must reach its end.
            if rows.count == limit, sqlite3_stmt_readonly(statement.pointer) != 0 { return rows }
        }
    }

    private func row(_ statement: Statement) -> Row {
        let values = (0..<statement.columns.count).map { columnValue(statement.pointer, Int32($0)) }
        return Row(columns: statement.columns, values: values)
    }

    private func prepared(_ text: String) throws(DatabaseError) -> Statement {
        if let statement = statements[text] { return statement }
        if text.utf8.contains(0) { throw .unstorableText }
        if statements.count >= cacheLimit { finalizeStatements() }
        var pointer: OpaquePointer?
        var isMoreThanOne = false
        let code = text.withCString { start in
            var tail: UnsafePointer<CChar>?
            let code = sqlite3_prepare_v3(handle, start, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, &tail)
            isMoreThanOne = tail.map { !String(cString: $0).allSatisfy { $0.isWhitespace || $0 == ";" } } ?? false
            return code
        }
        guard code == SQLITE_OK else { throw .sqlite(code, on: handle, sql: text) }
        guard let pointer, !isMoreThanOne else {
            sqlite3_finalize(pointer)
            throw .statement(detail: "exactly one statement is expected", sql: text)
        }
        let statement = Statement(pointer: pointer, columns: columnNames(pointer))
        statements[text] = statement
        return statement
    }

    private func finalizeStatements() {
        for statement in statements.values { sqlite3_finalize(statement.pointer) }
        statements.removeAll()
    }

    private func bind(_ values: [SQLValue], to statement: OpaquePointer, _ text: String) throws(DatabaseError) {
        for (offset, value) in values.enumerated() {
            if case .text(let string) = value, string.utf8.contains(0) { throw .unstorableText }
            let index = Int32(offset + 1)
            let code =
                switch value {
                case .null: sqlite3_bind_null(statement, index)
                case .integer(let number): sqlite3_bind_int64(statement, index, number)
                case .double(let number): sqlite3_bind_double(statement, index, number)
                case .text(let string): bindText(string, to: statement, index)
                case .blob(let bytes): csqlite_bind_blob(statement, index, bytes, Int32(clamping: bytes.count))
                }
            try check(code, text)
        }
    }

    private func check(_ code: Int32, _ sql: String) throws(DatabaseError) {
        guard code == SQLITE_OK else { throw .sqlite(code, on: handle, sql: sql) }
    }
}

private func bindText(_ string: String, to statement: OpaquePointer, _ index: Int32) -> Int32 {
    var string = string
    return string.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) { characters in
            // An empty string has no address, and a null pointer would bind NULL.
            guard let start = characters.baseAddress else { return csqlite_bind_text(statement, index, "", 0) }
            return csqlite_bind_text(statement, index, start, Int32(clamping: characters.count))
        }
    }
}

private func columnNames(_ statement: OpaquePointer) -> [String] {
    (0..<sqlite3_column_count(statement)).map { String(cString: sqlite3_column_name(statement, $0)) }
}

private func columnValue(_ statement: OpaquePointer, _ index: Int32) -> SQLValue {
    switch sqlite3_column_type(statement, index) {
    case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, index))
    case SQLITE_FLOAT: return .double(sqlite3_column_double(statement, index))
    case SQLITE_TEXT:
        let start = sqlite3_column_text(statement, index)
        let count = Int(sqlite3_column_bytes(statement, index))
        return .text(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
    case SQLITE_BLOB:
        let start = sqlite3_column_blob(statement, index)
        let count = Int(sqlite3_column_bytes(statement, index))
        return .blob([UInt8](UnsafeRawBufferPointer(start: start, count: count)))
    default: return .null
    }
}
