import Kernel

/// Moves the rows of a SQLite database to another database with the same schema, and proves that they arrived.
///
/// It may be stopped and started again: what is there already stays, and every row of every table is compared at the
/// end. The source must not change meanwhile.
package struct RowCopy: Sendable {
    private struct Table {
        let name: String
        let columns: [String]
        let key: [String]
    }

    private let source: SQLiteDatabase
    private let target: any Database
    private let fresh: SQLiteDatabase
    private let excluded: Set<String>
    private let batch = 500

    /// - Parameters:
    ///   - source: Where the rows are.
    ///   - target: Where they go; its schema is that of the source.
    ///   - fresh: A database of this schema that nobody has used: what its migrations put into tables, such as counters
    ///     at zero, they have put into the target too, and there it gives way to what became of it in the source.
    ///   - excluded: Tables whose rows mean nothing elsewhere.
    package init(
        from source: SQLiteDatabase,
        to target: any Database,
        fresh: SQLiteDatabase,
        except excluded: Set<String>,
    ) {
        self.source = source
        self.target = target
        self.fresh = fresh
        self.excluded = excluded.union(["schema_migration"])
    }

    /// Copies and compares every table.
    ///
    /// - Parameter progress: Called after each batch with the rows copied, the rows in all, and the table it is at.
    /// - Returns: Rows by table.
    /// - Throws: ``RowCopyError`` when a table differs afterwards.
    package func callAsFunction(
        progress: (_ done: Int, _ total: Int, _ table: String) -> Void
    ) async throws -> [(table: String, rows: Int)] {
        var copied: [(table: String, rows: Int)] = []
        let tables = try await tables()
        let total = try await count(tables)
        var done = 0
        for table in tables {
            try await clear(table)
            let sent = try await send(table) { progress(done + $0, total, table.name) }
            done += sent.rows
            let found = try await fingerprint(table)
            guard sent == found else {
                throw RowCopyError.differs(table: table.name, source: sent.rows, target: found.rows)
            }
            copied.append((table.name, sent.rows))
        }
        return copied
    }

    /// In the order of their creation, so that a row comes after those that it refers to.
    private func tables() async throws -> [Table] {
        let rows = try await source.query(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY rowid"
        )
        var tables: [Table] = []
        for row in rows {
            let name: String = try row.get("name")
            guard !excluded.contains(name) else { continue }
            let columns = try await source.query("SELECT name, pk FROM pragma_table_info(\(name)) ORDER BY cid")
            let key = try columns.filter { try $0.get("pk", as: Int.self) > 0 }
                .sorted { try $0.get("pk", as: Int.self) < $1.get("pk", as: Int.self) }
            guard !key.isEmpty else { throw RowCopyError.noKey(table: name) }
            tables.append(
                Table(
                    name: name,
                    columns: try columns.map { try $0.get("name") },
                    key: try key.map { try $0.get("name") },
                )
            )
        }
        return tables
    }

    private func count(_ tables: [Table]) async throws -> Int {
        var total = 0
        for table in tables {
            total += try await source.first("SELECT COUNT(*) AS n FROM \(identifier: table.name)")?.get("n") ?? 0
        }
        return total
    }

    /// Removes the rows of the target that still stand as the migrations made them, but no longer in the source.
    private func clear(_ table: Table) async throws {
        for row in try await fresh.query("SELECT \(names(table.columns)) FROM \(identifier: table.name)") {
            let conditions = try table.columns.map { column -> SQL in
                "\(identifier: column) IS NOT DISTINCT FROM \(try row.get(column, as: SQLValue.self))"
            }
            let isTheRow = conditions.dropFirst().reduce(conditions[0]) { "\($0) AND \($1)" }
            let kept = try await source.first("SELECT 1 AS n FROM \(identifier: table.name) WHERE \(isTheRow)")
            if kept == nil { try await target.execute("DELETE FROM \(identifier: table.name) WHERE \(isTheRow)") }
        }
    }

    private func send(_ table: Table, progress: (Int) -> Void) async throws -> Fingerprint {
        var sum = Fingerprint()
        var last: Int64 = 0
        while true {
            let rows = try await source.query(
                """
                SELECT rowid AS copied_row, \(names(table.columns)) FROM \(identifier: table.name)
                WHERE rowid > \(last) ORDER BY rowid LIMIT \(batch)
                """
            )
            guard let end = rows.last else { return sum }
            last = try end.get("copied_row")
            let values = try rows.map { row in try table.columns.map { try row.get($0, as: SQLValue.self) } }
            for row in values { sum.add(row) }
            try await insert(values, into: table)
            progress(sum.rows)
        }
    }

    private func insert(_ rows: [[SQLValue]], into table: Table) async throws {
        try await target.transaction { transaction in
            for row in rows {
                try transaction.execute(
                    """
                    INSERT INTO \(identifier: table.name) (\(names(table.columns))) VALUES (\(list: row))
                    ON CONFLICT DO NOTHING
                    """
                )
            }
        }
    }

    /// What the target holds, read page by page along the primary key.
    private func fingerprint(_ table: Table) async throws -> Fingerprint {
        var sum = Fingerprint()
        var last: [SQLValue]?
        while true {
            let after: SQL = last.map { "WHERE (\(names(table.key))) > (\(list: $0))" } ?? ""
            let rows = try await target.query(
                """
                SELECT \(names(table.columns)) FROM \(identifier: table.name) \(after)
                ORDER BY \(names(table.key)) LIMIT \(batch)
                """
            )
            for row in rows { sum.add(try table.columns.map { try row.get($0, as: SQLValue.self) }) }
            guard let end = rows.last, rows.count == batch else { return sum }
            last = try table.key.map { try end.get($0, as: SQLValue.self) }
        }
    }
}

/// Why rows could not be moved.
package enum RowCopyError: Failure, Equatable {
    /// The rows of a table are not the same in both databases: the source changed, or the target held others before.
    case differs(table: String, source: Int, target: Int)
    case noKey(table: String)

    package var status: Int { 500 }
    package var code: String { "rows_differ" }
    package var message: String {
        switch self {
        case .differs(let table, let source, let target):
            """
            The table \(table) differs after copying: \(source) rows here, \(target) there. Stop what writes to either \
            database, and begin with an empty one
            """
        case .noKey(let table): "The table \(table) has no primary key, so its rows cannot be compared"
        }
    }
}

/// Rows in any order: their number and the sum of their hashes.
private struct Fingerprint: Equatable {
    private(set) var rows = 0
    private var sum: UInt64 = 0

    mutating func add(_ row: [SQLValue]) {
        var bytes: [UInt8] = []
        for value in row { append(value, to: &bytes) }
        rows += 1
        sum &+= Digest.sha256(bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A mark for the kind and the length before the bytes, so that no two rows read the same.
    private func append(_ value: SQLValue, to bytes: inout [UInt8]) {
        let (mark, content): (Character, [UInt8]) =
            switch value {
            case .null: ("n", [])
            case .integer(let number): ("i", Array("\(number)".utf8))
            case .double(let number): ("d", Array("\(number)".utf8))
            case .text(let text): ("t", Array(text.utf8))
            case .blob(let blob): ("b", blob)
            }
        bytes += "\(mark)\(content.count):".utf8
        bytes += content
    }
}

private func names(_ columns: [String]) -> SQL {
    columns.dropFirst().reduce("\(identifier: columns[0])") { list, name in "\(list), \(identifier: name)" }
}
