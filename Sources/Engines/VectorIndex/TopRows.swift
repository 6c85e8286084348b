/// A row of a shelf and how near it seems.
struct Candidate: Sendable, Equatable {
    var score: Float
    var number: UInt32
    var shelf: Int32
    var slot: Int32

    /// Higher scores first, then lower numbers.
    static func isBetter(_ one: Candidate, _ other: Candidate) -> Bool {
        one.score != other.score ? one.score > other.score : one.number < other.number
    }
}

/// The best `limit` candidates of many: a heap with the worst of them at its root.
struct TopRows {
    private(set) var heap: [Candidate] = []
    private let limit: Int
    /// What a score must reach to be taken.
    private(set) var floor: Float

    /// `limit`: At least 1.
    init(limit: Int, floor: Float = -.infinity) {
        self.limit = limit
        self.floor = floor
    }

    mutating func offer(_ candidate: Candidate) {
        if heap.count < limit {
            heap.append(candidate)
            siftUp(heap.count - 1)
            if heap.count == limit { floor = heap[0].score }
        } else if Candidate.isBetter(candidate, heap[0]) {
            heap[0] = candidate
            siftDown()
            floor = heap[0].score
        }
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard Candidate.isBetter(heap[parent], heap[index]) else { return }
            heap.swapAt(parent, index)
            index = parent
        }
    }

    private mutating func siftDown() {
        var index = 0
        while true {
            var worst = 2 * index + 1
            guard worst < heap.count else { return }
            if worst + 1 < heap.count, Candidate.isBetter(heap[worst], heap[worst + 1]) { worst += 1 }
            guard Candidate.isBetter(heap[index], heap[worst]) else { return }
            heap.swapAt(index, worst)
            index = worst
        }
    }
}
