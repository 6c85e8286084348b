import Kernel
import TestSupport
@testable import VectorIndex

let testPool = WorkPool(name: "vectors-test", width: 2, limit: 10_000)

/// A direction by chance, evenly over the sphere.
func unitVector(_ dimensions: Int, using random: inout some RandomNumberGenerator) -> [Float] {
    unit((0..<dimensions).map { _ in gauss(using: &random) })
}

/// Vectors in groups, as texts about the same things are: a few groups are large, most are small.
func clustered(
    _ count: Int,
    _ dimensions: Int,
    groups: Int,
    using random: inout some RandomNumberGenerator,
) -> [[Float]] {
    let middles = (0..<groups).map { _ in unitVector(dimensions, using: &random) }
    let spread = 0.8 / Float(dimensions).squareRoot()
    return (0..<count).map { _ in
        let group = Int(
            Double(groups) * Double.random(in: 0..<1, using: &random) * Double.random(in: 0..<1, using: &random)
        )
        return unit(middles[group].map { $0 + spread * gauss(using: &random) })
    }
}

/// About normally distributed: a sum of even chances is near enough and fast.
private func gauss(using random: inout some RandomNumberGenerator) -> Float {
    let bits = random.next()
    var sum: Float = -2
    for shift in stride(from: 0, to: 64, by: 16) { sum += Float(bits >> UInt64(shift) & 0xFFFF) / 65_535 }
    return sum * 1.732
}

/// `vector` at length 1.
func unit(_ vector: [Float]) -> [Float] {
    let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return vector.map { $0 / length }
}

/// What the index should say: every cosine in 32 bits, the best part of each number, no tricks.
struct NaiveIndex {
    var vectors: [UInt32: [[Float]]] = [:]

    func search(_ query: [Float], count: Int, allowed: NumberSet? = nil) -> [VectorIndex.Match] {
        let matches = vectors.filter { allowed?.contains($0.key) ?? true }.map { number, parts in
            VectorIndex.Match(number: number, cosine: parts.map { dot(query, $0) }.max() ?? -1)
        }
        let sorted = matches.sorted { $0.cosine != $1.cosine ? $0.cosine > $1.cosine : $0.number < $1.number }
        return Array(sorted.prefix(count))
    }

    private func dot(_ one: [Float], _ other: [Float]) -> Float {
        one.withUnsafeBufferPointer { one in
            other.withUnsafeBufferPointer { other in
                var sum: Float = 0
                for index in 0..<one.count { sum += one[index] * other[index] }
                return sum
            }
        }
    }
}

/// The share of `expected` that was found. Rows whose cosines differ by less than the index's precision may stand for
/// each other at the end of the list.
func recall(_ found: [VectorIndex.Match], _ expected: [VectorIndex.Match]) -> Double {
    guard let last = expected.last else { return 1 }
    let numbers = Set(expected.map(\.number))
    let hits = found.filter { numbers.contains($0.number) || $0.cosine >= last.cosine - 0.000_01 }
    return Double(min(hits.count, expected.count)) / Double(expected.count)
}

/// Whether the cosines are the same, one after another, within the index's precision.
func cosinesAgree(_ found: [VectorIndex.Match], _ expected: [VectorIndex.Match]) -> Bool {
    zip(found, expected).allSatisfy { one, other in abs(one.cosine - other.cosine) < 0.000_05 }
}
