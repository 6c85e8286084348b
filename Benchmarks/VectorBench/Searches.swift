import Kernel
import VectorIndex

/// Queries one after another, each timed by itself.
struct Searches {
    private let index: VectorIndex
    private let queries: [[Float]]

    init(_ index: VectorIndex, file: String) {
        self.index = index
        queries = Rows(path: file, width: index.dimensions).separate
    }

    func run(_ count: String, _ modulus: String) async throws -> String {
        guard let count = Int(count), let modulus = UInt32(modulus) else { fatalError("search FILE COUNT MODULUS") }
        var allowed: NumberSet?
        if modulus > 0 {
            allowed = NumberSet((0..<UInt32(index.statistics.numbers)).lazy.filter { $0 % modulus == 3 })
        }
        var walls: [Double] = []
        var cpus: [Double] = []
        var found: [[UInt32]] = []
        for query in queries {
            let start = Moment()
            let matches = try await index.search(query, count: count, allowed: allowed)
            let time = start.elapsed()
            walls.append(time.wall * 1e3)
            cpus.append(time.cpu * 1e3)
            found.append(matches.map(\.number))
        }
        return "{\"wall_ms\":\(walls),\"cpu_ms\":\(cpus),\"found\":\(found)}"
    }
}
