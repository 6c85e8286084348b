import Kernel
import VectorIndex

/// Searches while others write: how long a reader waits, and how many writes there are.
struct Churn {
    private let index: VectorIndex
    private let queries: [[Float]]

    init(_ index: VectorIndex, file: String) {
        self.index = index
        queries = Rows(path: file, width: index.dimensions).separate
    }

    func run(seconds: Int) async throws -> String {
        let end = ContinuousClock.now + .seconds(seconds)
        let numbers = UInt32(index.statistics.numbers)
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for writer in 0..<2 {
                group.addTask { [index, queries] in
                    var writes = 0
                    while ContinuousClock.now < end {
                        let number = UInt32.random(in: 0..<numbers)
                        try index.upsert(number: number, vectors: [queries[(writes + writer) % queries.count]])
                        if writes % 8 == 0 { index.remove(number: UInt32.random(in: 0..<numbers)) }
                        writes += 1
                        if writes % 64 == 0 { await Task.yield() }
                    }
                    return writes
                }
            }
            var walls: [Double] = []
            while ContinuousClock.now < end {
                let start = Moment()
                _ = try await index.search(queries[walls.count % queries.count], count: 10)
                walls.append(start.elapsed().wall * 1e3)
            }
            let writes = try await group.reduce(0, +)
            walls.sort()
            return """
                {"searches":\(walls.count),"writes_per_s":\(writes / seconds),"p50_ms":\(walls[walls.count / 2]),\
                "p99_ms":\(walls[walls.count * 99 / 100]),"max_ms":\(walls[walls.count - 1]),\
                "row_bytes":\(index.statistics.bytes)}
                """
        }
    }
}
