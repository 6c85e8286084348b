import Glibc

/// The rows of a file of 32-bit floats, several thousand at a time.
struct Rows: Sequence {
    let path: String
    /// Floats in a row.
    let width: Int
    private static let rowsAtOnce = 4096

    func makeIterator() -> AnyIterator<[Float]> {
        guard let file = fopen(path, "r") else { fatalError("\(path) cannot be read") }
        return AnyIterator {
            let limit = Self.rowsAtOnce * width
            let rows = [Float](unsafeUninitializedCapacity: limit) { buffer, count in
                count = fread(buffer.baseAddress, 4, limit, file)
            }
            if rows.isEmpty { fclose(file) }
            return rows.isEmpty ? nil : rows
        }
    }

    /// Each row by itself.
    var separate: [[Float]] {
        flatMap { rows in
            stride(from: 0, to: rows.count, by: width).map { Array(rows[$0..<$0 + width]) }
        }
    }
}
