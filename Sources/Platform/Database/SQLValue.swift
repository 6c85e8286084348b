/// A value as every engine stores it.
package enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case double(Double)
    case text(String)
    case blob([UInt8])

    /// What kind of value this is, for messages; never the value itself.
    package var kind: String {
        switch self {
        case .null: "null"
        case .integer: "integer"
        case .double: "double"
        case .text: "text"
        case .blob: "blob"
        }
    }
}

/// A type that can be interpolated into ``SQL``.
package protocol SQLBindable: Sendable {
    var sqlValue: SQLValue { get }
}

/// A type that a column can be read as.
package protocol SQLDecodable: Sendable {
    /// `nil` when `value` is of another kind or outside this type's range.
    init?(sqlValue: SQLValue)
}
