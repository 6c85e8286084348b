import CVectors
import Kernel
import Testing

@Suite struct KernelTests {
    /// Rows and a query, encoded.
    struct Encoded {
        var high: [UInt8] = []
        var low: [Int8] = []
        var scales: [Float] = []
        let width: Int

        init(_ vectors: [[Float]]) {
            width = (vectors[0].count + 63) / 64 * 64
            for vector in vectors {
                var high = [UInt8](repeating: 0, count: width)
                var low = [Int8](repeating: 0, count: width)
                scales.append(cvectors_encode(vector, vector.count, width, &high, &low))
                self.high += high
                self.low += low
            }
        }
    }

    static let levels = (0...cvectors_best_level().rawValue).map { cvectors_level($0) }

    static func withQuery<R>(_ vector: [Float], _ body: (inout cvectors_query) -> R) -> R {
        let row = Encoded([vector])
        var codes = [Int8](repeating: 0, count: row.width)
        var fine = [Int16](repeating: 0, count: row.width)
        return codes.withUnsafeMutableBufferPointer { codes in
            fine.withUnsafeMutableBufferPointer { fine in
                var query = cvectors_query()
                cvectors_make_query(
                    row.high,
                    row.low,
                    row.scales[0],
                    row.width,
                    codes.baseAddress,
                    fine.baseAddress,
                    &query,
                )
                return body(&query)
            }
        }
    }

    @Test("all levels give the same bits", arguments: [1, 3, 63, 64, 65, 100, 384, 768, 1000, 4096])
    func levelsAgree(dimensions: Int) {
        var random = SplitMix(state: UInt64(dimensions))
        let vectors = (0..<23).map { _ in unitVector(dimensions, using: &random) }
        let rows = Encoded(vectors)
        let slots: [UInt32] = [22, 0, 7, 7, 3, 1, 19]
        Self.withQuery(vectors[5]) { query in
            var results: [[Float]] = []
            for level in Self.levels {
                var all = [Float](repeating: 0, count: 23)
                var some = [Float](repeating: 0, count: slots.count)
                cvectors_scan(level, &query, rows.high, rows.scales, nil, 23, &all)
                cvectors_scan(level, &query, rows.high, rows.scales, slots, slots.count, &some)
                #expect(some == slots.map { all[Int($0)] })
                let exact = (0..<23).map { row in
                    rows.high.withUnsafeBufferPointer { high in
                        rows.low.withUnsafeBufferPointer { low in
                            cvectors_cosine(
                                level,
                                &query,
                                high.baseAddress.map { $0 + row * rows.width },
                                low.baseAddress.map { $0 + row * rows.width },
                                rows.scales[row],
                            )
                        }
                    }
                }
                results.append(all + exact)
            }
            for result in results { #expect(result == results[0]) }
        }
    }

    @Test("scores are near the cosine, and exact ones nearer", arguments: [2, 100, 384, 1024, 4096])
    func precision(dimensions: Int) {
        var random = SplitMix(state: UInt64(dimensions))
        let vectors = (0..<40).map { _ in unitVector(dimensions, using: &random) }
        let rows = Encoded(vectors)
        Self.withQuery(vectors[3]) { query in
            var scores = [Float](repeating: 0, count: vectors.count)
            cvectors_scan(cvectors_best_level(), &query, rows.high, rows.scales, nil, scores.count, &scores)
            for (index, vector) in vectors.enumerated() {
                let cosine = zip(vector, vectors[3]).reduce(into: 0.0) { sum, pair in sum += Double(pair.0 * pair.1) }
                let exact = rows.high.withUnsafeBufferPointer { high in
                    rows.low.withUnsafeBufferPointer { low in
                        cvectors_cosine(
                            cvectors_best_level(),
                            &query,
                            high.baseAddress.map { $0 + index * rows.width },
                            low.baseAddress.map { $0 + index * rows.width },
                            rows.scales[index],
                        )
                    }
                }
                let (coarseError, exactError) = (abs(Double(scores[index]) - cosine), abs(Double(exact) - cosine))
                #expect(coarseError < 0.015 && exactError < 0.000_05)
            }
        }
    }

    @Test("scores at a threshold are found by all levels alike")
    func threshold() {
        var random = SplitMix(state: 9)
        let scores = (0..<1001).map { _ in Float.random(in: -1...1, using: &random) }
        for threshold in [-.infinity, 0, 0.9, scores[500], 2] as [Float] {
            let expected = scores.indices.filter { scores[$0] >= threshold }
            for level in Self.levels {
                var found = [UInt32](repeating: 0, count: scores.count)
                let count = cvectors_at_least(level, scores, scores.count, threshold, &found)
                #expect(found.prefix(count).map(Int.init) == expected)
            }
        }
    }

    @Test("vectors without a direction are refused", arguments: [Float.nan, .infinity, -.infinity, 0])
    func noDirection(value: Float) {
        var vector: [Float] = [0, value, 0]
        #expect(cvectors_normalize(&vector, 3) == 0)
    }

    @Test("very long and very short vectors keep their direction", arguments: [Float.greatestFiniteMagnitude, 1e-30])
    func extremes(size: Float) {
        var vector: [Float] = [size, -size, size, size]
        #expect(cvectors_normalize(&vector, 4) == 1)
        #expect(vector == [0.5, -0.5, 0.5, 0.5])
    }
}
