internal import CSQLite

/// A full-text table of SQLite in memory, ranked by its bm25().
final class FullTextTable {
    private var connection: OpaquePointer?
    private var select: OpaquePointer?

    /// `tokenizer`: such as `porter unicode61` or `trigram`.
    init(tokenizer: String) {
        sqlite3_open(":memory:", &connection)
        run("CREATE VIRTUAL TABLE meme USING fts5(text, tokenize = '\(tokenizer)')")
    }

    deinit {
        sqlite3_finalize(select)
        sqlite3_close(connection)
    }

    func fill(_ texts: [String]) {
        run("BEGIN")
        let insert = prepare("INSERT INTO meme (rowid, text) VALUES (?1, ?2)")
        for (number, text) in texts.enumerated() {
            sqlite3_bind_int64(insert, 1, Int64(number))
            csqlite_bind_text(insert, 2, text, Int32(text.utf8.count))
            sqlite3_step(insert)
            sqlite3_reset(insert)
        }
        sqlite3_finalize(insert)
        run("COMMIT")
        select = prepare("SELECT rowid FROM meme WHERE meme MATCH ?1 ORDER BY bm25(meme), rowid LIMIT 100")
    }

    /// Documents with any of the terms, the best first.
    func search(_ terms: [String]) -> [UInt32] {
        let match = terms.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: " OR ")
        csqlite_bind_text(select, 1, match, Int32(match.utf8.count))
        var found: [UInt32] = []
        while sqlite3_step(select) == SQLITE_ROW { found.append(UInt32(sqlite3_column_int64(select, 0))) }
        sqlite3_reset(select)
        return found
    }

    private func run(_ statement: String) {
        guard sqlite3_exec(connection, statement, nil, nil, nil) == SQLITE_OK else {
            fatalError(String(cString: sqlite3_errmsg(connection)))
        }
    }

    private func prepare(_ statement: String) -> OpaquePointer? {
        var prepared: OpaquePointer?
        guard sqlite3_prepare_v2(connection, statement, -1, &prepared, nil) == SQLITE_OK else {
            fatalError(String(cString: sqlite3_errmsg(connection)))
        }
        return prepared
    }
}
