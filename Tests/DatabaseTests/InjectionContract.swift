import Database
import TestSupport
import Testing

/// No value that is interpolated can become part of a statement.
@Suite(.timeLimit(.minutes(5))) struct InjectionContract {
    /// Text made of what has a meaning in SQL.
    private static func hostileText() -> String {
        let pieces = [
            "'", "\"", "`", "[", "]", ";", "--", "/*", "*/", "\\", "\\'", "''", "\"\"", "?", "?1", "$1", ":a", "@a",
            "$$",
            ")", "(", ",", "\n", "\u{0}", "\u{2019}", "é", "\u{1F600}", "%", "_", " OR 1=1 ", "; DROP TABLE picture; ",
            " UNION SELECT ", "NULL", "x'00'", "E'\\''",
        ]
        return (0..<Int.random(in: 0...8)).map { _ in pieces.randomElement() ?? "" }.joined()
    }

    @Test("texts come back as they went in, one row each, and the table stands", arguments: DatabaseBackend.allCases)
    func texts(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        try await test.database.execute(pictureTable)
        let texts = Set((0..<300).map { _ in Self.hostileText() }.filter { !$0.contains("\0") })
        for text in texts {
            let inserted = try await test.database.execute("INSERT INTO picture VALUES (\(text), \(text), 1, \(text))")
            #expect(inserted == 1)
        }
        for text in texts {
            let rows = try await test.database.query("SELECT title, note FROM picture WHERE id = \(text)")
            #expect(rows.count == 1)
            #expect(try rows.first?.get("title", as: String.self).utf8.elementsEqual(text.utf8) == true)
            #expect(try rows.first?.get("note", as: String.self).utf8.elementsEqual(text.utf8) == true)
        }
        let all = try await test.database.first("SELECT COUNT(*) AS n FROM picture WHERE id IN (\(list: texts))")
        #expect(try all?.get("n") == texts.count)
    }

    @Test("a hostile name of a table or column is only a name", arguments: DatabaseBackend.allCases)
    func identifiers(backend: DatabaseBackend) async throws {
        let test = try await backend.make()
        try await test.database.execute(pictureTable)
        for number in 0..<50 {
            let name = Self.hostileText().replacing("\0", with: "") + "\(number)"
            try await test.database.execute("CREATE TABLE \(identifier: name) (\(identifier: name) BIGINT)")
            try await test.database.execute("INSERT INTO \(identifier: name) (\(identifier: name)) VALUES (\(number))")
            let row = try await test.database.first("SELECT \(identifier: name) AS n FROM \(identifier: name)")
            #expect(try row?.get("n") == number)
        }
        #expect(try await test.database.query("SELECT id FROM picture").isEmpty)
    }

    @Test("the text of a statement holds nothing of its values, however fragments are nested")
    func rendering() {
        for _ in 0..<300 {
            let (a, b, c) = (Self.hostileText() + "§", Self.hostileText() + "§", Self.hostileText() + "§")
            let inner: SQL = "x = \(a) AND y IN (\(list: [b, c]))"
            let sql: SQL = "SELECT z FROM t WHERE \(inner) OR \(inner) LIMIT \(5)"
            for dialect in Dialect.allCases {
                let (text, values) = sql.render(for: dialect)
                #expect(!text.contains("§"))
                #expect(values == [.text(a), .text(b), .text(c), .text(a), .text(b), .text(c), .integer(5)])
                #expect((1...7).allSatisfy { text.contains(dialect == .sqlite ? "?\($0)" : "$\($0)") })
            }
        }
    }
}
