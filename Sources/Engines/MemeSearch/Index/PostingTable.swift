/// An inverted index: which documents hold a term, and how heavily.
///
/// A posting is a number in 24 bits and a weight in 8, and a term's postings rise by number. A term without postings is
/// forgotten and its place used again.
struct PostingTable<Term: Hashable & Sendable>: Sendable {
    private(set) var places: [Term: Int32] = [:]
    private(set) var lists: [[Posting]] = []
    private var free: [Int32] = []

    /// Adds a document to a term.
    ///
    /// - Returns: The term's place, and whether the term is new.
    mutating func insert(_ term: Term, _ posting: Posting) -> (place: Int32, isNew: Bool) {
        if let place = places[term] {
            insert(posting, at: Int(place))
            return (place, false)
        }
        let place = free.popLast() ?? Int32(lists.count)
        if Int(place) == lists.count { lists.append([]) }
        lists[Int(place)] = [posting]
        places[term] = place
        return (place, true)
    }

    private mutating func insert(_ posting: Posting, at place: Int) {
        // Documents come mostly in the order of their numbers.
        if let last = lists[place].last, last.number < posting.number {
            lists[place].append(posting)
        } else {
            let index = lists[place].firstPosting(from: posting.number)
            lists[place].insert(posting, at: index)
        }
    }

    /// Takes a document from a term.
    ///
    /// - Returns: The term's former place when no document is left, else nil.
    mutating func remove(_ number: UInt32, from term: Term) -> Int32? {
        guard let place = places[term] else { return nil }
        let index = lists[Int(place)].firstPosting(from: number)
        guard index < lists[Int(place)].count, lists[Int(place)][index].number == number else { return nil }
        lists[Int(place)].remove(at: index)
        guard lists[Int(place)].isEmpty else { return nil }
        lists[Int(place)] = []
        places[term] = nil
        free.append(place)
        return place
    }

    func postings(of term: Term) -> [Posting] { places[term].map { lists[Int($0)] } ?? [] }
}

/// One document of a term.
struct Posting: Sendable, Equatable {
    private let packed: UInt32

    /// - Parameters:
    ///   - number: Below 2²⁴.
    ///   - weight: Occurrences times the weight of their fields, in fifths.
    init(number: UInt32, weight: Int) {
        packed = number << 8 | UInt32(Swift.min(weight, 255))
    }

    var number: UInt32 { packed >> 8 }
    var weight: UInt8 { UInt8(truncatingIfNeeded: packed) }
}

extension [Posting] {
    /// Where the first posting with `number` or a higher one stands.
    func firstPosting(from number: UInt32) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
