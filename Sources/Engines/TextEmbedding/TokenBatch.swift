/// Encodings of nearly the same length, as one table for the model.
struct TokenBatch: Sendable, Equatable {
    /// Small batches hold texts of nearly equal length, so little is filled up: 20 % faster than four times as large
    /// (docs/benchmarks.md), and a cancelled task waits for the run to end. Lengths are not rounded up: OpenVINO compiles
    /// itself for each shape, but that costs less than filling up does.
    static let maxTokens = 512
    static let maxRows = 16

    let encodings: [Encoding]
    /// Where each encoding stood before the sort.
    let positions: [Int]
    let columns: Int

    var rows: Int { encodings.count }

    /// Sorts by length, the longest first, and cuts into batches.
    static func make(_ encodings: [Encoding]) -> [TokenBatch] {
        let order = encodings.indices.sorted {
            (encodings[$1].ids.count, $0) < (encodings[$0].ids.count, $1)
        }
        var batches: [TokenBatch] = []
        var start = 0
        while start < order.count {
            let columns = max(1, encodings[order[start]].ids.count)
            let rows = min(order.count - start, maxRows, max(1, maxTokens / columns))
            let positions = Array(order[start..<(start + rows)])
            batches.append(
                TokenBatch(encodings: positions.map { encodings[$0] }, positions: positions, columns: columns)
            )
            start += rows
        }
        return batches
    }

    /// The tables of the inputs `names`, one after the other: `input_ids`, `attention_mask`, `token_type_ids`.
    func tables(_ names: [String], padding: Int32) -> [Int64] {
        names.flatMap { name in
            encodings.flatMap { encoding in
                (0..<columns).map { column -> Int64 in
                    let isText = column < encoding.ids.count
                    switch name {
                    case "input_ids": return Int64(isText ? encoding.ids[column] : padding)
                    case "attention_mask": return isText ? 1 : 0
                    default: return isText && column >= encoding.secondStart ? 1 : 0
                    }
                }
            }
        }
    }
}
