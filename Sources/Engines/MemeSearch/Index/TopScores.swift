/// The best so far, by score and then by the lower number. Candidates must come with rising numbers.
struct TopScores {
    private let limit: Int
    private var floor: Float = 0
    private var kept: [(number: UInt32, score: Float)] = []

    init(limit: Int) {
        self.limit = limit
        kept.reserveCapacity(4 * limit)
    }

    mutating func add(_ number: UInt32, _ score: Float) {
        guard score > floor else { return }
        kept.append((number, score))
        guard kept.count >= 4 * limit else { return }
        kept = sorted()
        floor = kept.last?.score ?? 0
    }

    func sorted() -> [(number: UInt32, score: Float)] {
        Array(kept.sorted { ($1.score, $0.number) < ($0.score, $1.number) }.prefix(limit))
    }
}
