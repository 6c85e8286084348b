import Kernel
import MemeSearch
import Synchronization
import VectorIndex

/// Every meme that searches may find, in memory; ``IndexFollower`` keeps it up with the rows.
final class MemeIndex: Sendable {
    /// What an answer needs of a meme before it asks the tables.
    struct Entry: Sendable, Equatable {
        let id: ID<Meme>
        let perceptualHash: UInt64?
    }

    private struct State {
        var entries: [UInt32: Entry] = [:]
        var numbers: [ID<Meme>: UInt32] = [:]
        /// Numbers are never used again, so what is gone stays gone, whoever still holds an old row.
        var gone = NumberSet()
        var shelf: VectorShelf?
        var change: Int64 = 0
    }

    let lexical = LexicalIndex()
    private let state = Mutex(State())

    /// The last change that is in here; it grows with every change of any meme.
    var generation: Int64 { state.withLock { $0.change } }

    /// How many memes there are.
    var count: Int { state.withLock { $0.entries.count } }

    /// The vectors of the active space; `nil` where there is none.
    var shelf: VectorShelf? {
        get { state.withLock { $0.shelf } }
        set { state.withLock { $0.shelf = newValue } }
    }

    func entry(_ number: UInt32) -> Entry? { state.withLock { $0.entries[number] } }

    /// The number of a meme; `nil` when it is not here.
    func number(of id: ID<Meme>) -> UInt32? { state.withLock { $0.numbers[id] } }

    /// Adds memes or replaces what was known of them; those that are gone stay gone.
    func upsert(_ memes: [(entry: Entry, document: SearchDocument)]) {
        for (entry, document) in memes {
            lexical.upsert(document)
            let isGone = state.withLock { state in
                guard !state.gone.contains(document.number) else { return true }
                state.entries[document.number] = entry
                state.numbers[entry.id] = document.number
                return false
            }
            if isGone { lexical.remove(document.number) }
        }
    }

    /// Forgets memes for good.
    func remove(_ numbers: [UInt32]) {
        state.withLock { state in
            for number in numbers {
                state.gone.insert(number)
                if let entry = state.entries.removeValue(forKey: number) { state.numbers[entry.id] = nil }
            }
        }
        let shelf = self.shelf
        for number in numbers {
            lexical.remove(number)
            shelf?.vectors.remove(number: number)
        }
    }

    /// Puts vectors on the shelf, unless the meme is gone.
    func put(_ vectors: [(number: UInt32, parts: [[Float]])], on shelf: VectorShelf) throws {
        for (number, parts) in vectors {
            try shelf.vectors.upsert(number: number, vectors: parts)
            if state.withLock({ $0.gone.contains(number) }) { shelf.vectors.remove(number: number) }
        }
    }

    /// Everything up to this change is in here.
    func reach(_ change: Int64) { state.withLock { $0.change = max($0.change, change) } }
}
