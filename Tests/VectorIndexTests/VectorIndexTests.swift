import Kernel
import Testing
@testable import VectorIndex

@Suite(.timeLimit(.minutes(5))) struct VectorIndexTests {
    @Test("a flat index finds what comparing with every vector finds", arguments: [3, 64, 100, 384])
    func flatIsExact(dimensions: Int) async throws {
        var random = SplitMix(state: UInt64(dimensions))
        let spread = (0..<600).map { _ in unitVector(dimensions, using: &random) }
        for vectors in [spread, clustered(600, dimensions, groups: 12, using: &random)] {
            let (index, naive) = try filled(vectors)
            for _ in 0..<10 {
                let query = unitVector(dimensions, using: &random)
                let found = try await index.search(query, count: 10)
                let expected = naive.search(query, count: 10)
                #expect(recall(found, expected) == 1)
                #expect(cosinesAgree(found, expected))
            }
        }
    }

    @Test("near-duplicates by the hundred do not hide the nearest among them")
    func nearDuplicates() async throws {
        var random = SplitMix(state: 4)
        let middle = unitVector(384, using: &random)
        let vectors = (0..<1000).map { _ in
            unit(zip(middle, unitVector(384, using: &random)).map { $0 + 0.03 * $1 })
        }
        let (index, naive) = try filled(vectors)
        for query in vectors.prefix(10) {
            #expect(recall(try await index.search(query, count: 10), naive.search(query, count: 10)) == 1)
        }
    }

    @Test("equal vectors come by rising number, whichever order they came in")
    func ties() async throws {
        let index = VectorIndex(dimensions: 5, pool: testPool)
        for number in (0..<300 as Range<UInt32>).shuffled() {
            try index.upsert(number: number, vectors: [[1, 2, 3, 4, Float(number % 3)]])
        }
        let found = try await index.search([1, 2, 3, 4, 1], count: 20)
        let expected = (0..<20).map { UInt32($0 * 3 + 1) }
        #expect(found.map(\.number) == expected)
        #expect(found.allSatisfy { $0.cosine > 0.999_99 })
    }

    @Test("a number is found once, by its best part; all its parts are replaced and removed together")
    func parts() async throws {
        let index = VectorIndex(dimensions: 3, pool: testPool)
        try index.upsert(number: 1, vectors: (0..<100).map { [1, Float($0) / 1000, 0] })
        try index.upsert(number: 2, vectors: [[0, 1, 0], [0.9, 0.1, 0.5]])
        #expect(try await index.search([1, 0, 0], count: 2).map(\.number) == [1, 2])
        #expect(index.statistics.vectors == 102 && index.statistics.numbers == 2)
        try index.upsert(number: 1, vectors: [[0, 0, 1]])
        #expect(try await index.search([1, 0, 0], count: 9).map(\.number) == [2, 1])
        index.remove(number: 2)
        #expect(try await index.search([1, 0, 0], count: 9) == [.init(number: 1, cosine: 0)])
        try index.upsert(number: 1, vectors: [])
        #expect(try await index.search([1, 0, 0], count: 9).isEmpty)
        #expect(index.statistics.vectors == 0)
    }

    @Test("a filter passes its numbers only, and numbers that are not there do no harm", arguments: [1, 5, 50, 500])
    func filters(passing: Int) async throws {
        var random = SplitMix(state: UInt64(passing))
        let (index, naive) = try filled(clustered(1000, 32, groups: 20, using: &random))
        var allowed = NumberSet((0..<1000).shuffled(using: &random).prefix(passing))
        allowed.insert(.max)
        allowed.insert(70_000)
        for _ in 0..<10 {
            let query = unitVector(32, using: &random)
            let found = try await index.search(query, count: 10, allowed: allowed)
            let expected = naive.search(query, count: 10, allowed: allowed)
            #expect(found.count == expected.count && recall(found, expected) == 1)
            #expect(found.allSatisfy { allowed.contains($0.number) })
        }
        #expect(try await index.search(unitVector(32, using: &random), count: 10, allowed: []).isEmpty)
    }

    @Test("vectors of other dimensions or without a direction are refused and change nothing")
    func refusals() async throws {
        let index = VectorIndex(dimensions: 2, pool: testPool)
        try index.upsert(number: 7, vectors: [[1, 0]])
        #expect(throws: VectorIndexError.dimensions(3, expected: 2)) {
            try index.upsert(number: 7, vectors: [[0, 1], [1, 2, 3]])
        }
        for bad in [[Float.nan, 1], [.infinity, 1], [0, 0]] as [[Float]] {
            #expect(throws: VectorIndexError.noDirection) { try index.upsert(number: 7, vectors: [[0, 1], bad]) }
            #expect(throws: VectorIndexError.noDirection) { try index.load(numbers: [8], vectors: bad) }
            await #expect(throws: VectorIndexError.noDirection) { try await index.search(bad, count: 1) }
        }
        #expect(throws: VectorIndexError.self) { try index.load(numbers: [1, 2], vectors: [1, 0, 1]) }
        #expect(try await index.search([1, 0], count: 5) == [.init(number: 7, cosine: 1)])
    }

    @Test("as many results as asked for, however many: none, one, more than there are")
    func counts() async throws {
        var random = SplitMix(state: 3)
        let (index, naive) = try filled(clustered(3000, 16, groups: 30, using: &random))
        let query = unitVector(16, using: &random)
        for count in [1, 7, 100, 2999, 3000, 5000] {
            let found = try await index.search(query, count: count)
            #expect(found.count == min(count, 3000))
            #expect(recall(found, naive.search(query, count: count)) == 1)
            #expect(Set(found.map(\.number)).count == found.count)
        }
        #expect(try await index.search(query, count: 0).isEmpty)
        #expect(try await VectorIndex(dimensions: 16, pool: testPool).search(query, count: 3).isEmpty)
    }

    @Test("loading at once gives the same index as one by one, parts included")
    func load() async throws {
        var random = SplitMix(state: 8)
        let vectors = clustered(500, 20, groups: 10, using: &random)
        let numbers = (0..<500).map { UInt32($0 / 2) }
        let loaded = try VectorIndex(
            dimensions: 20,
            numbers: numbers,
            vectors: vectors.flatMap(\.self),
            pool: testPool,
        )
        let index = VectorIndex(dimensions: 20, pool: testPool)
        for number in 0..<250 {
            try index.upsert(number: UInt32(number), vectors: Array(vectors[2 * number...2 * number + 1]))
        }
        #expect(loaded.statistics == index.statistics)
        for query in vectors.prefix(20) {
            #expect(try await loaded.search(query, count: 10) == index.search(query, count: 10))
        }
    }

    @Test("a search whose task is cancelled ends with CancellationError")
    func cancelled() async throws {
        var random = SplitMix(state: 2)
        for count in [10, 3000] {
            let (index, _) = try filled((0..<count).map { _ in unitVector(4, using: &random) })
            let search = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await index.search([1, 0, 0, 0], count: 3)
            }
            await #expect(throws: CancellationError.self) { try await search.value }
        }
    }

    private func filled(_ vectors: [[Float]]) throws -> (VectorIndex, NaiveIndex) {
        var naive = NaiveIndex()
        let index = VectorIndex(dimensions: vectors[0].count, pool: testPool)
        for (number, vector) in vectors.enumerated() {
            naive.vectors[UInt32(number)] = [vector]
            try index.upsert(number: UInt32(number), vectors: [vector])
        }
        return (index, naive)
    }
}
