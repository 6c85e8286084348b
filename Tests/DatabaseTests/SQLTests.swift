import Database
import Kernel
import Testing

@Suite struct SQLTests {
    @Test("values become binds, numbered as each engine wants")
    func binds() {
        let name = "Robert'); DROP TABLE students;--"
        let sql: SQL = "SELECT \(1) WHERE name = \(name) AND size > \(2.5)"
        #expect(sql.render(for: .sqlite).text == "SELECT ?1 WHERE name = ?2 AND size > ?3")
        #expect(sql.render(for: .postgresql).text == "SELECT $1 WHERE name = $2 AND size > $3")
        #expect(sql.render(for: .sqlite).values == [.integer(1), .text(name), .double(2.5)])
    }

    @Test("a nested fragment keeps its binds in order")
    func fragments() {
        let older: SQL = "AND (a, b) < (\(1), \(2))"
        let none: SQL = ""
        let sql: SQL = "SELECT x WHERE o = \("me") \(older)\(none) LIMIT \(3)"
        #expect(sql.render(for: .postgresql).text == "SELECT x WHERE o = $1 AND (a, b) < ($2, $3) LIMIT $4")
        #expect(sql.render(for: .sqlite).values == [.text("me"), .integer(1), .integer(2), .integer(3)])
    }

    @Test("nil binds NULL, a list makes one bind each, an empty list finds nothing")
    func listsAndNull() {
        let missing: String? = nil
        let sql: SQL = "\(missing) IN (\(list: [1, 2])) OR x IN (\(list: [String]()))"
        #expect(sql.render(for: .sqlite).text == "?1 IN (?2, ?3) OR x IN (NULL)")
        #expect(sql.render(for: .sqlite).values == [.null, .integer(1), .integer(2)])
    }

    @Test("an identifier is quoted, also a hostile one")
    func identifiers() {
        let sql: SQL = "SELECT * FROM \(identifier: "a\"; DROP TABLE b; --")"
        #expect(sql.render(for: .sqlite).text == "SELECT * FROM \"a\"\"; DROP TABLE b; --\"")
    }

    static let values: [(any SQLBindable, SQLValue)] = [
        ("text", .text("text")), (7, .integer(7)), (Int64.min, .integer(.min)), (1.5, .double(1.5)),
        (true, .integer(1)), (false, .integer(0)), ([UInt8]([1, 2]), .blob([1, 2])),
        (Timestamp(milliseconds: 12), .integer(12)), (JSON.object([("a", 1)]), .text(#"{"a":1}"#)),
    ]

    @Test("each Swift type has one form in a table", arguments: values)
    func bindable(value: any SQLBindable, expected: SQLValue) {
        #expect(value.sqlValue == expected)
    }
}

@Suite struct RowTests {
    private let row = Row(
        columns: ["id", "count", "note", "flag"],
        values: [.text("x"), .integer(3), .null, .integer(2)],
    )

    @Test("columns are read by name and type")
    func reads() throws {
        let count: Int = try row.get("count")
        let note: String? = try row.get("note")
        #expect(count == 3)
        #expect(note == nil)
        #expect(try row.get("count", as: Double.self) == 3)
    }

    @Test("what does not fit names the column, what was expected and what was found")
    func refuses() {
        #expect(throws: DatabaseError.decoding(column: "id", expected: "Int", found: "text")) {
            let _: Int = try row.get("id")
        }
        #expect(throws: DatabaseError.decoding(column: "note", expected: "String", found: "null")) {
            let _: String = try row.get("note")
        }
        #expect(throws: DatabaseError.decoding(column: "size", expected: "Int", found: "no such column")) {
            let _: Int? = try row.get("size")
        }
        #expect(throws: DatabaseError.decoding(column: "flag", expected: "Bool", found: "integer")) {
            let _: Bool = try row.get("flag")
        }
        #expect(throws: DatabaseError.decoding(column: "id", expected: "ID<Picture>", found: "text")) {
            let _: ID<Picture>? = try row.get("id")
        }
    }
}
