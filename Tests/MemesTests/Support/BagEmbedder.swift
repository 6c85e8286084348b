import Kernel
import Synchronization
import TestSupport
import TextEmbedding

/// A small model: texts are near when they share words, or words that the test calls synonyms.
final class BagEmbedder: TextEmbedder {
    let space: String
    let dimensions = 64
    let calls = Tally()
    private let synonyms: [String: String]
    private let isAway = Mutex(false)

    init(space: String = "bag/1", synonyms: [String: String] = [:]) {
        self.space = space
        self.synonyms = synonyms
    }

    /// While it is away every call fails.
    func setAway(_ away: Bool) { isAway.withLock { $0 = away } }

    func embed(_ texts: [String], as purpose: EmbeddingPurpose) async throws -> [[Float]] {
        calls.add()
        if isAway.withLock({ $0 }) { throw TextEmbeddingError.failed("the test says so") }
        return texts.map { text in
            var vector = [Float](repeating: 0, count: dimensions)
            for word in text.lowercased().split(whereSeparator: { !$0.isLetter }) {
                let meaning = synonyms[String(word)] ?? String(word)
                vector[meaning.utf8.reduce(5) { ($0 &* 31 &+ Int($1)) % dimensions }] += 1
            }
            let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return length == 0 ? [1] + vector.dropFirst() : vector.map { $0 / length }
        }
    }
}
