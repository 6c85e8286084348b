/// One SQL statement, or a fragment of one. Interpolated values become binds, so that injection cannot be written:
///
///     let sql: SQL = "SELECT title FROM picture WHERE owner = \(owner) AND bytes > \(limit)"
///
/// A plain `String` cannot be run; `\(text)` of a `String` is a bind like any other value. `\(fragment)` of another
/// `SQL` nests it with its binds, `\(list: ids)` makes one bind per element, `\(identifier: name)` a quoted name.
package struct SQL: Sendable, Equatable, ExpressibleByStringInterpolation {
    fileprivate enum Part: Sendable, Equatable {
        case text(String)
        case bind(SQLValue)
    }

    fileprivate var parts: [Part]

    package init(stringLiteral text: String) { parts = [.text(text)] }
    package init(stringInterpolation: Interpolation) { parts = stringInterpolation.parts }

    /// The text with numbered placeholders, `?1` for SQLite and `$1` for PostgreSQL, and the values for them.
    package func render(for dialect: Dialect) -> (text: String, values: [SQLValue]) {
        if parts.count == 1, case .text(let text) = parts[0] { return (text, []) }
        var text = ""
        var values: [SQLValue] = []
        let mark = dialect == .sqlite ? "?" : "$"
        for part in parts {
            switch part {
            case .text(let literal):
                text += literal
            case .bind(let value):
                values.append(value)
                text += mark
                text += String(values.count)
            }
        }
        return (text, values)
    }

    package static func + (left: SQL, right: SQL) -> SQL {
        var sum = left
        sum.parts += right.parts
        return sum
    }

    /// What the compiler fills while it reads a literal.
    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var parts: [Part] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            parts.reserveCapacity(2 * interpolationCount + 1)
        }

        package mutating func appendLiteral(_ text: String) {
            if !text.isEmpty { parts.append(.text(text)) }
        }

        /// Binds a value; `nil` binds NULL. Compare with `IS NOT DISTINCT FROM` or `IS NULL`, never with `= NULL`.
        package mutating func appendInterpolation(_ value: (some SQLBindable)?) {
            parts.append(.bind(value?.sqlValue ?? .null))
        }

        /// Inserts a fragment with its own binds.
        package mutating func appendInterpolation(_ fragment: SQL) { parts += fragment.parts }

        /// One bind per element, for `IN (…)`. An empty list renders as NULL: `IN (NULL)` finds nothing, but so does
        /// `NOT IN (NULL)`; leave the condition out there.
        package mutating func appendInterpolation<Value: SQLBindable>(list values: some Sequence<Value>) {
            var isFirst = true
            for value in values {
                if !isFirst { parts.append(.text(", ")) }
                parts.append(.bind(value.sqlValue))
                isFirst = false
            }
            if isFirst { parts.append(.text("NULL")) }
        }

        /// A quoted table or column name, for tools that walk the schema.
        package mutating func appendInterpolation(identifier name: String) {
            let escaped = name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            parts.append(.text("\"\(escaped)\""))
        }
    }
}
