import Kernel

/// The words, trigrams and labels of all memes, in memory. Searches run at the same time; a change waits for them and
/// takes well under a millisecond.
///
/// Memory: about 75 MB for 100,000 memes of ten words (see docs/benchmarks.md). Built from rows at start and followed by
/// whoever owns the rows; nothing here is kept on disk.
package final class LexicalIndex: Sendable {
    /// The highest number that a document may have: postings hold it in 24 bits. A larger library belongs in a database's
    /// own index.
    package static let highestNumber: UInt32 = 1 << 24 - 1

    let state: ReadWriteLock<IndexState>

    /// An empty index. With `library` its documents are ranked as a part of that.
    package init(partOf library: LibraryStatistics? = nil) { state = ReadWriteLock(IndexState(library)) }

    /// Adds a document, or replaces the one with its number. Its number must be at most ``highestNumber``.
    package func upsert(_ document: SearchDocument) {
        // Folding and cutting need no lock.
        let prepared = PreparedDocument(document)
        state.write { $0.upsert(prepared) }
    }

    /// Forgets a document; nothing happens when it is not there.
    package func remove(_ number: UInt32) {
        state.write { $0.remove(number) }
    }

    /// How many documents there are.
    package var count: Int { state.read { $0.numbers.count } }

    /// Whether a document with this number is there.
    package func contains(_ number: UInt32) -> Bool { state.read { $0.numbers.contains(number) } }

    /// The numbers that pass the filter, or nil when it lets all pass: what every leg must be restricted to.
    package func matching(_ filter: SearchFilter) -> NumberSet? {
        filter.isEmpty ? nil : state.read { $0.matching(filter) }
    }

    /// The memes whose pictures resemble that of `number`, itself left out: by distance, then by number. At most
    /// `distance` of the 64 bits of the perceptual hashes differ; a meme without a hash has no family.
    package func family(of number: UInt32, within distance: Int = Families.distance) -> [UInt32] {
        state.read { $0.family(of: number, within: distance) }
    }

    /// The oldest meme of which this one is a copy: the same picture with the same words, encoded anew or resized. `nil`
    /// when there is none; a meme is no copy of a newer one.
    package func original(of number: UInt32) -> UInt32? {
        state.read { state in
            state.family(of: number, within: Families.copyDistance).sorted().first { other in
                other < number && state.areCopies(number, other)
            }
        }
    }

    /// Words of the index that begin with `prefix`, the most frequent first.
    package func suggestions(for prefix: String, count: Int) -> [String] {
        let folded = TextFolding.folded(prefix)
        guard !folded.isEmpty, !folded.contains(" ") else { return [] }
        return state.read { state in
            state.completions(of: folded, limit: count).map { state.vocabulary.words[Int($0)] }
        }
    }
}
