/// One row of an answer. Columns are read by name:
///
///     let id: ID<Picture> = try row.get("id")
///     let title: String? = try row.get("title")
package struct Row: Sendable, Equatable {
    /// The names of the columns, as the statement gives them.
    package let columns: [String]
    private let values: [SQLValue]

    /// - Precondition: as many values as columns.
    package init(columns: [String], values: [SQLValue]) {
        precondition(columns.count == values.count, "a row has one value per column")
        self.columns = columns
        self.values = values
    }

    /// The value of a column that is never NULL.
    ///
    /// - Throws: ``DatabaseError/decoding(column:expected:found:)`` when the column is missing, NULL or of another
    ///   type.
    package func get<Value: SQLDecodable>(
        _ column: String,
        as type: Value.Type = Value.self,
    ) throws(DatabaseError)
        -> Value
    {
        let found = try value(column, Value.self)
        guard let value = Value(sqlValue: found) else {
            throw .decoding(column: column, expected: "\(Value.self)", found: found.kind)
        }
        return value
    }

    /// The value of a column that may be NULL.
    ///
    /// - Throws: ``DatabaseError/decoding(column:expected:found:)`` when the column is missing or of another type.
    package func get<Value: SQLDecodable>(
        _ column: String,
        as type: Value?.Type = Value?.self,
    ) throws(DatabaseError)
        -> Value?
    {
        let found = try value(column, Value.self)
        if found == .null { return nil }
        guard let value = Value(sqlValue: found) else {
            throw .decoding(column: column, expected: "\(Value.self)", found: found.kind)
        }
        return value
    }

    private func value(_ column: String, _ type: any Any.Type) throws(DatabaseError) -> SQLValue {
        // Rows are narrow: comparing a dozen short names is faster than hashing one.
        guard let index = columns.firstIndex(of: column) else {
            throw .decoding(column: column, expected: "\(type)", found: "no such column")
        }
        return values[index]
    }
}
