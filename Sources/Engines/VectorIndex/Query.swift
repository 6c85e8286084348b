internal import CVectors

/// What is searched for, encoded once for all rows.
final class Query: @unchecked Sendable {
    // Sendable because nothing changes after `init`.
    private(set) var form = cvectors_query()
    private let codes: UnsafeMutablePointer<Int8>
    private let fine: UnsafeMutablePointer<Int16>

    /// `vector`: Of length 1.
    init(_ vector: [Float], width: Int) {
        codes = .allocate(capacity: width)
        fine = .allocate(capacity: width)
        let block = Block(capacity: 1, width: width)
        vector.withUnsafeBufferPointer { block.write($0, number: 0, to: 0) }
        cvectors_make_query(block.high, block.low, block.scales[0], width, codes, fine, &form)
    }

    deinit {
        codes.deallocate()
        fine.deallocate()
    }

    /// The standard deviation of the error that rounding both sides to 8 bits puts into a score, when the row's
    /// largest value is like the query's.
    var roundingError: Float { 256 * form.scale * (2.0 / 12.0 as Float).squareRoot() }
}

/// What this processor runs fastest.
let level = cvectors_best_level()

/// `vector` at length 1.
///
/// - Throws: ``VectorIndexError`` when it has other dimensions or no direction.
func normalized(_ vector: [Float], dimensions: Int) throws(VectorIndexError) -> [Float] {
    guard vector.count == dimensions else { throw .dimensions(vector.count, expected: dimensions) }
    var copy = vector
    guard cvectors_normalize(&copy, copy.count) != 0 else { throw .noDirection }
    return copy
}
