import Kernel

/// Why vectors were not taken into an index, or not searched for.
package enum VectorIndexError: Failure, Equatable {
    /// Not as many values as the index's vectors have.
    case dimensions(Int, expected: Int)
    /// All zeros, or a value that is infinite or not a number: it points nowhere.
    case noDirection

    package var status: Int { 422 }

    package var code: String {
        switch self {
        case .dimensions: "vector_dimensions"
        case .noDirection: "vector_without_direction"
        }
    }

    package var message: String {
        switch self {
        case .dimensions(let count, let expected):
            "The vector has \(count) values; this index holds vectors of \(expected). They come from different models."
        case .noDirection: "The vector is zero or has a value that is not a finite number."
        }
    }
}
