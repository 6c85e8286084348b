import Kernel
import Testing
@testable import VectorIndex

@Suite(.timeLimit(.minutes(5))) struct ListTests {
    private let settings = {
        var settings = VectorIndex.Settings()
        settings.exactRows = 2000
        settings.probedShare = 0.15
        return settings
    }()

    private func loaded(_ vectors: [[Float]]) throws -> (VectorIndex, NaiveIndex) {
        let numbers = vectors.indices.map { UInt32($0) }
        let index = try VectorIndex(
            dimensions: vectors[0].count,
            numbers: numbers,
            vectors: vectors.flatMap(\.self),
            pool: testPool,
            settings: settings,
        )
        return (index, NaiveIndex(vectors: Dictionary(uniqueKeysWithValues: zip(numbers, vectors.map { [$0] }))))
    }

    @Test("a large index is sorted into lists and still finds 98 % of the nearest ten, filtered or not")
    func recallOfLists() async throws {
        var random = SplitMix(state: 11)
        let vectors = clustered(12_000, 48, groups: 300, using: &random)
        let (index, naive) = try loaded(vectors)
        #expect(index.statistics.lists == 0)
        #expect(try await index.rebuildIfWanted())
        #expect(index.statistics.lists == Rebuild.listCount(rows: 12_000))
        #expect(index.statistics.vectors == 12_000)
        let half = NumberSet(naive.vectors.keys.filter { $0 % 2 == 0 })
        let tenth = NumberSet(naive.vectors.keys.filter { $0 % 10 == 3 })
        var sums = (all: 0.0, half: 0.0, tenth: 0.0)
        let queries = (0..<25).map { _ in
            vectors[Int.random(in: 0..<12_000, using: &random)].map {
                $0 + Float.random(in: -0.1...0.1, using: &random)
            }
        }
        for query in queries {
            sums.all += recall(try await index.search(query, count: 10), naive.search(query, count: 10))
            let found = try await index.search(query, count: 10, allowed: half)
            #expect(found.allSatisfy { $0.number % 2 == 0 })
            sums.half += recall(found, naive.search(query, count: 10, allowed: half))
            let few = try await index.search(query, count: 10, allowed: tenth)
            sums.tenth += recall(few, naive.search(query, count: 10, allowed: tenth))
        }
        #expect(sums.all >= 0.98 * 25 && sums.half >= 0.98 * 25)
        #expect(sums.tenth == 25, "a filter that passes few is answered exactly")
    }

    @Test("whoever asks for more than the lists near by hold gets as many as there are")
    func enough() async throws {
        var random = SplitMix(state: 12)
        let vectors = clustered(3000, 8, groups: 50, using: &random)
        let (index, naive) = try loaded(vectors)
        #expect(try await index.rebuildIfWanted())
        for count in [2000, 3000, 4000] {
            let found = try await index.search(vectors[0], count: count)
            #expect(found.count == min(count, 3000))
            #expect(Set(found.map(\.number)).count == found.count)
        }
        #expect(recall(try await index.search(vectors[0], count: 3000), naive.search(vectors[0], count: 3000)) == 1)
    }

    @Test("what is written while lists are built is in them, and what is removed is not")
    func writesMeanwhile() async throws {
        var random = SplitMix(state: 13)
        let vectors = clustered(6000, 16, groups: 50, using: &random)
        var (index, naive) = try loaded(vectors)
        let writes = Task { [index] in
            var random = SplitMix(state: 14)
            var changed: [UInt32: [[Float]]] = [:]
            while index.statistics.lists == 0 || changed.count < 3000 {
                let number = UInt32.random(in: 0..<8000, using: &random)
                if number % 3 == 0 {
                    index.remove(number: number)
                    changed[number] = []
                } else {
                    let parts = (0..<number % 4 + 1).map { _ in unitVector(16, using: &random) }
                    try index.upsert(number: number, vectors: parts)
                    changed[number] = parts
                }
                await Task.yield()
            }
            return changed
        }
        #expect(try await index.rebuildIfWanted())
        for (number, parts) in try await writes.value { naive.vectors[number] = parts.isEmpty ? nil : parts }
        try await expectSame(index, naive, using: &random)
    }

    @Test("run builds when the index grows and goes back to scanning when it has shrunk")
    func grownAndShrunk() async throws {
        var random = SplitMix(state: 15)
        let (index, first) = try loaded(clustered(1500, 16, groups: 20, using: &random))
        var naive = first
        let service = Task { try await index.run() }
        for number in 1500..<2600 as Range<UInt32> {
            let vector = unitVector(16, using: &random)
            naive.vectors[number] = [vector]
            try index.upsert(number: number, vectors: [vector])
        }
        while index.statistics.lists == 0 { await Task.yield() }
        try await expectSame(index, naive, using: &random)
        for number in 0..<1800 as Range<UInt32> {
            naive.vectors[number] = nil
            index.remove(number: number)
        }
        while index.statistics.lists > 0 { await Task.yield() }
        try await expectSame(index, naive, using: &random)
        service.cancel()
        try await service.value
    }

    @Test("a build whose task is cancelled leaves the index as it was, and the next one succeeds")
    func cancelledBuild() async throws {
        var random = SplitMix(state: 16)
        let (index, naive) = try loaded(clustered(2500, 16, groups: 20, using: &random))
        let build = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await index.rebuildIfWanted()
        }
        await #expect(throws: CancellationError.self) { try await build.value }
        #expect(index.statistics.lists == 0)
        try await expectSame(index, naive, using: &random)
        #expect(try await index.rebuildIfWanted())
        #expect(try await index.rebuildIfWanted() == false)
    }

    /// Asks for everything, so that lists are exact too: what was put is there, nothing else, with its cosine.
    private func expectSame(
        _ index: VectorIndex,
        _ naive: NaiveIndex,
        using random: inout some RandomNumberGenerator,
    ) async throws {
        let query = unitVector(index.dimensions, using: &random)
        let found = try await index.search(query, count: .max >> 8)
        let expected = naive.search(query, count: .max)
        #expect(Set(found.map(\.number)) == Set(expected.map(\.number)))
        #expect(cosinesAgree(found, expected))
        #expect(index.statistics.vectors == naive.vectors.values.reduce(0) { $0 + $1.count })
    }
}
