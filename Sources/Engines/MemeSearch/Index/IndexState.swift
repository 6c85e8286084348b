import Kernel

/// The tables of the index; ``LexicalIndex`` guards them.
struct IndexState: Sendable {
    private(set) var numbers = NumberSet()
    /// By number.
    private(set) var entries: [IndexEntry?] = []
    private(set) var words = PostingTable<String>()
    private(set) var wordBM25: BM25
    private(set) var vocabulary = Vocabulary()
    private(set) var trigrams = PostingTable<Trigram>()
    private(set) var trigramBM25: BM25
    private(set) var labels = PostingTable<String>()
    /// By term, of the library that these documents are a part of, where they are.
    private let frequencies: [String: Int]

    init(_ library: LibraryStatistics? = nil) {
        wordBM25 = BM25(library: library.map { ($0.documents, max(1, $0.averageWords)) })
        trigramBM25 = BM25(library: library.map { ($0.documents, max(1, $0.averageTrigrams)) })
        frequencies = library?.frequencies ?? [:]
    }

    /// How many documents hold a term, of which `held` are here.
    func frequency(of term: @autoclosure () -> String, held: Int) -> Int {
        frequencies.isEmpty ? held : max(held, frequencies[term()] ?? 0)
    }

    /// One above the highest number there ever was: the length of what is indexed by number.
    var span: Int { entries.count }

    mutating func upsert(_ document: PreparedDocument) {
        let number = document.number
        remove(number)
        while entries.count <= number { entries.append(nil) }
        numbers.insert(number)
        entries[Int(number)] = document.entry
        for (term, weight) in document.words {
            let (place, isNew) = words.insert(term, Posting(number: number, weight: weight))
            if isNew { vocabulary.insert(term, place: place) }
        }
        for (term, weight) in document.trigrams {
            _ = trigrams.insert(term, Posting(number: number, weight: weight))
        }
        for label in document.entry.labels { _ = labels.insert(label, Posting(number: number, weight: 1)) }
        wordBM25.set(length: document.wordLength, of: number)
        trigramBM25.set(length: document.trigramLength, of: number)
    }

    mutating func remove(_ number: UInt32) {
        guard numbers.remove(number), let entry = entries[Int(number)] else { return }
        entries[Int(number)] = nil
        // Folding and cutting are repeatable, so the kept text tells every term of the document.
        for (field, text) in zip(
            Field.allCases,
            entry.folded.split(separator: "\n", omittingEmptySubsequences: false),
        ) {
            for term in Set(documentTerms(text).terms) {
                if let place = words.remove(number, from: term) { vocabulary.remove(place: place) }
            }
            guard field.hasTrigrams else { continue }
            for gram in Set(MemeSearch.trigrams(text)) { _ = trigrams.remove(number, from: gram) }
        }
        for label in entry.labels { _ = labels.remove(number, from: label) }
        wordBM25.set(length: 0, of: number)
        trigramBM25.set(length: 0, of: number)
    }

    func family(of number: UInt32, within distance: Int) -> [UInt32] {
        guard Int(number) < entries.count, let hash = entries[Int(number)]?.pictureHash else { return [] }
        let near = entries.indices.compactMap { other -> (distance: Int, number: UInt32)? in
            guard other != number, let otherHash = entries[other]?.pictureHash else { return nil }
            let bits = (hash ^ otherHash).nonzeroBitCount
            return bits <= distance ? (bits, UInt32(other)) : nil
        }
        return near.sorted { ($0.distance, $0.number) < ($1.distance, $1.number) }.map(\.number)
    }

    func areCopies(_ first: UInt32, _ second: UInt32) -> Bool {
        guard let one = entries[Int(first)], let other = entries[Int(second)], let hash = one.pictureHash,
            let otherHash = other.pictureHash
        else { return false }
        return Families.areCopies(hash, otherHash, texts: (String(one.field(.text)), String(other.field(.text))))
    }

    /// Places of the most frequent words that begin with `prefix`, equal ones by their letters.
    func completions(of prefix: String, limit: Int) -> [Int32] {
        let places = vocabulary.words(beginningWith: prefix).map { place in
            (place: place, frequency: words.lists[Int(place)].count, word: vocabulary.words[Int(place)])
        }
        return places.sorted { ($1.frequency, $0.word) < ($0.frequency, $1.word) }.prefix(limit).map(\.place)
    }
}
