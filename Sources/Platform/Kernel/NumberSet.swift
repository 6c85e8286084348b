/// A set of 32-bit numbers as a bitmap, made for dense ones: the rows of a catalogue that a filter lets pass.
///
/// The range is cut into pages of 65,536 numbers (8 kB); a page without members takes no room. A copy shares its pages
/// until one side changes them, so sets are cheap to hand on.
package struct NumberSet: Sendable, Equatable, Sequence, ExpressibleByArrayLiteral {
    /// By the high 16 bits: 1024 words, or none when the page has no member. The last page is never empty, so equal
    /// sets are equal arrays.
    private var pages: [[UInt64]] = []

    private static let wordsInPage = 1024

    package init() {}

    package init(_ numbers: some Sequence<UInt32>) {
        for number in numbers { insert(number) }
    }

    package init(arrayLiteral numbers: UInt32...) { self.init(numbers) }

    /// Every number of the range.
    package init(_ range: Range<UInt32>) {
        for number in range { insert(number) }
    }

    package var isEmpty: Bool { pages.isEmpty }

    /// Members; counted anew at each call, about a microsecond for 65,536 numbers.
    package var count: Int {
        pages.reduce(0) { sum, page in page.reduce(sum) { $0 + $1.nonzeroBitCount } }
    }

    /// Whether the number is in the set; constant time.
    package func contains(_ number: UInt32) -> Bool {
        let (page, word, bit) = Self.place(of: number)
        return page < pages.count && !pages[page].isEmpty && pages[page][word] & bit != 0
    }

    /// Whether `number` is new.
    @discardableResult
    package mutating func insert(_ number: UInt32) -> Bool {
        let (page, word, bit) = Self.place(of: number)
        while pages.count <= page { pages.append([]) }
        if pages[page].isEmpty { pages[page] = [UInt64](repeating: 0, count: Self.wordsInPage) }
        let isNew = pages[page][word] & bit == 0
        pages[page][word] |= bit
        return isNew
    }

    /// Whether `number` was a member.
    @discardableResult
    package mutating func remove(_ number: UInt32) -> Bool {
        guard contains(number) else { return false }
        let (page, word, bit) = Self.place(of: number)
        pages[page][word] &= ~bit
        if pages[page][word] == 0, pages[page].allSatisfy({ $0 == 0 }) { pages[page] = [] }
        dropEnd()
        return true
    }

    /// The members of either.
    package func union(_ other: NumberSet) -> NumberSet {
        let (longer, shorter) = pages.count >= other.pages.count ? (self, other) : (other, self)
        var result = longer
        for (index, page) in shorter.pages.enumerated() where !page.isEmpty {
            result.pages[index] = result.pages[index].isEmpty ? page : zipped(result.pages[index], page, |)
        }
        return result
    }

    /// The members of both.
    package func intersection(_ other: NumberSet) -> NumberSet {
        var result = NumberSet()
        result.pages = zip(pages, other.pages).map { $0.isEmpty || $1.isEmpty ? [] : zipped($0, $1, &) }
        result.dropEmptyPages()
        return result
    }

    /// The members that `other` has not.
    package func subtracting(_ other: NumberSet) -> NumberSet {
        var result = self
        for (index, page) in other.pages.enumerated().prefix(pages.count) where !page.isEmpty {
            guard !result.pages[index].isEmpty else { continue }
            result.pages[index] = zipped(result.pages[index], page) { $0 & ~$1 }
        }
        result.dropEmptyPages()
        return result
    }

    /// How many members both have, without making the set of them.
    package func countInCommon(with other: NumberSet) -> Int {
        zip(pages, other.pages).reduce(0) { sum, both in
            zip(both.0, both.1).reduce(sum) { $0 + ($1.0 & $1.1).nonzeroBitCount }
        }
    }

    /// The bits in one piece, for code that asks about very many numbers in a row.
    package var packed: Packed {
        var packed = Packed(pageOfHigh: [], words: [UInt64](repeating: 0, count: Self.wordsInPage))
        packed.pageOfHigh.reserveCapacity(pages.count)
        for page in pages {
            packed.pageOfHigh.append(page.isEmpty ? 0 : UInt32(packed.words.count / Self.wordsInPage))
            packed.words += page
        }
        return packed
    }

    /// A bitmap without nested arrays. The bit of `number` is bit `number & 63` of word
    /// `pageOfHigh[number >> 16] * 1024 + (number & 0xFFFF) / 64`; a number whose high half is beyond the table is no
    /// member.
    package struct Packed: Sendable {
        /// By the high 16 bits, which page of `words`; page 0 has no member.
        package var pageOfHigh: [UInt32]
        /// Pages of 1024 words.
        package var words: [UInt64]
    }

    private mutating func dropEmptyPages() {
        for index in pages.indices where pages[index].allSatisfy({ $0 == 0 }) { pages[index] = [] }
        dropEnd()
    }

    private mutating func dropEnd() {
        while pages.last?.isEmpty == true { pages.removeLast() }
    }

    private static func place(of number: UInt32) -> (page: Int, word: Int, bit: UInt64) {
        (Int(number >> 16), Int(number & 0xFFFF) >> 6, 1 << UInt64(number & 63))
    }
}

extension NumberSet {
    /// The members in rising order.
    package struct Iterator: IteratorProtocol {
        fileprivate let pages: [[UInt64]]
        private var page = 0
        private var word = -1
        private var rest: UInt64 = 0

        fileprivate init(pages: [[UInt64]]) { self.pages = pages }

        package mutating func next() -> UInt32? {
            while rest == 0 {
                word += 1
                while page < pages.count, word >= pages[page].count {
                    page += 1
                    word = 0
                }
                guard page < pages.count else { return nil }
                rest = pages[page][word]
            }
            let bit = rest.trailingZeroBitCount
            rest &= rest - 1
            return UInt32(page) << 16 | UInt32(word) << 6 | UInt32(bit)
        }
    }

    package func makeIterator() -> Iterator { Iterator(pages: pages) }
}

private func zipped(_ first: [UInt64], _ second: [UInt64], _ combine: (UInt64, UInt64) -> UInt64) -> [UInt64] {
    zip(first, second).map(combine)
}
