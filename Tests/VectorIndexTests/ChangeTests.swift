import Kernel
import Testing
@testable import VectorIndex

@Suite(.timeLimit(.minutes(5))) struct ChangeTests {
    @Test("any order of changes leaves what a plain dictionary holds", arguments: 1...6)
    func changes(seed: UInt64) async throws {
        var random = SplitMix(state: seed)
        var naive = NaiveIndex()
        let index = VectorIndex(dimensions: 6, pool: testPool)
        for step in 1...1500 {
            // Few numbers, so that most are replaced and removed often, and shelves are compacted.
            let number = UInt32.random(in: 0..<120, using: &random) &* 999_983
            let parts = (0..<Int.random(in: 0..<4, using: &random)).map { _ in unitVector(6, using: &random) }
            try index.upsert(number: number, vectors: parts)
            naive.vectors[number] = parts.isEmpty ? nil : parts
            guard step % 100 == 0 else { continue }
            let query = unitVector(6, using: &random)
            let found = try await index.search(query, count: 200)
            let expected = naive.search(query, count: 200)
            #expect(Set(found.map(\.number)) == Set(expected.map(\.number)))
            #expect(cosinesAgree(found, expected))
        }
    }

    @Test("memory does not grow when the same numbers are replaced over and over")
    func compaction() throws {
        var random = SplitMix(state: 5)
        let index = VectorIndex(dimensions: 600, pool: testPool)
        let vectors = (0..<64).map { _ in unitVector(600, using: &random) }
        for round in 0..<12 {
            for number in (0..<6000 as Range<UInt32>).shuffled(using: &random) {
                try index.upsert(number: number, vectors: [vectors[(round + Int(number)) % 64]])
            }
        }
        #expect(index.statistics.vectors == 6000)
        let row = Block.rowBytes(width: 640)
        #expect(
            index.statistics.bytes < 6000 * row * 4,
            "rows have \(index.statistics.bytes / 6000) bytes each, of \(row)",
        )
        for number in 0..<6000 as Range<UInt32> { index.remove(number: number) }
        #expect(index.statistics.bytes <= 2 * Store.shelfBytes)
    }

    @Test("searches while others write see whole entries: every part of before or of after, and never none")
    func readersSeeWholeEntries() async throws {
        let index = VectorIndex(dimensions: 4, pool: testPool)
        let (one, other): ([Float], [Float]) = ([1, 0, 0, 0], [0, 1, 0, 0])
        for number in 0..<200 as Range<UInt32> { try index.upsert(number: number, vectors: [one, one]) }
        try await withThrowingTaskGroup { group in
            for task in 0..<2 {
                group.addTask {
                    var random = SplitMix(state: UInt64(task))
                    for _ in 0..<3000 {
                        // Each writer has its half of the numbers.
                        let number = UInt32.random(in: 0..<100, using: &random) * 2 + UInt32(task)
                        let vector = Bool.random(using: &random) ? one : other
                        try index.upsert(number: number, vectors: [vector, vector])
                    }
                }
                group.addTask {
                    for _ in 0..<150 {
                        let found = try await index.search([1, 0, 0, 0], count: 1000)
                        #expect(found.count == 200)
                        #expect(found.allSatisfy { $0.cosine == 0 || $0.cosine > 0.999 })
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(index.statistics.vectors == 400)
    }
}
