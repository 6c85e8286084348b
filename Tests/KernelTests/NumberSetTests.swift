import Kernel
import Testing

@Suite struct NumberSetTests {
    /// Dense, sparse, at the edges of words and pages, and far away.
    static func numbers(_ random: inout some RandomNumberGenerator) -> Set<UInt32> {
        let edges: [UInt32] = [0, 1, 63, 64, 65_535, 65_536, 131_071, 131_072, .max - 1, .max]
        let from = UInt32.random(in: 0..<200_000, using: &random)
        var numbers = Set(edges.filter { _ in Bool.random(using: &random) })
        numbers.formUnion(from..<from + UInt32.random(in: 0..<300, using: &random))
        for _ in 0..<200 { numbers.insert(UInt32.random(in: 0..<300_000, using: &random)) }
        return numbers
    }

    @Test("a bitmap says the same as a set: members, count and order", arguments: 1...20)
    func members(seed: UInt64) {
        var random = SplitMix(state: seed)
        let expected = Self.numbers(&random)
        let set = NumberSet(expected)
        #expect(set.count == expected.count)
        #expect(Array(set) == expected.sorted())
        for number in expected { #expect(set.contains(number)) }
        for _ in 0..<200 {
            let number = UInt32.random(in: 0..<300_000, using: &random)
            #expect(set.contains(number) == expected.contains(number))
        }
    }

    @Test("union, intersection and subtraction are those of sets", arguments: 1...20)
    func algebra(seed: UInt64) {
        var random = SplitMix(state: seed)
        let (first, second) = (Self.numbers(&random), Self.numbers(&random))
        let (left, right) = (NumberSet(first), NumberSet(second))
        #expect(left.union(right) == NumberSet(first.union(second)))
        #expect(left.intersection(right) == NumberSet(first.intersection(second)))
        #expect(left.subtracting(right) == NumberSet(first.subtracting(second)))
        #expect(left.countInCommon(with: right) == first.intersection(second).count)
        #expect(left.subtracting(left) == NumberSet())
        #expect(left.union([]) == left && left.intersection([]).isEmpty)
    }

    @Test("inserting and removing in any order leaves the same set", arguments: 1...20)
    func changes(seed: UInt64) {
        var random = SplitMix(state: seed)
        var expected = Set<UInt32>()
        var set = NumberSet()
        for _ in 0..<2000 {
            let number = UInt32.random(in: 0..<400, using: &random) &* 1_000_003
            if Bool.random(using: &random) {
                #expect(set.insert(number) == expected.insert(number).inserted)
            } else {
                #expect(set.remove(number) == (expected.remove(number) != nil))
            }
        }
        #expect(set == NumberSet(expected))
        for number in expected { set.remove(number) }
        #expect(set == NumberSet() && set.isEmpty)
    }

    @Test("the packed form holds the bit of each member at its place, and no other", arguments: 1...5)
    func packed(seed: UInt64) {
        var random = SplitMix(state: seed)
        let set = NumberSet(Self.numbers(&random))
        let packed = set.packed
        #expect(packed.words.reduce(0) { $0 + $1.nonzeroBitCount } == set.count)
        for number in set {
            let word = Int(packed.pageOfHigh[Int(number >> 16)]) * 1024 + Int(number & 0xFFFF) / 64
            #expect(packed.words[word] >> UInt64(number & 63) & 1 == 1)
        }
    }

    @Test("a copy does not see later changes")
    func copies() {
        var set: NumberSet = [1, 2, 3]
        let copy = set
        set.remove(2)
        #expect(copy == [1, 2, 3] && set == [1, 3])
    }

    @Test("a range holds each of its numbers")
    func range() {
        let set = NumberSet(100..<70_000)
        #expect(set.count == 69_900)
        #expect(!set.contains(99) && set.contains(100) && set.contains(69_999) && !set.contains(70_000))
    }
}
