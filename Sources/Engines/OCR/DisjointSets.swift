/// Numbers from 0 in sets that never share one, and are joined one pair after another (Tarjan, "Efficiency of a good but
/// not linear set union algorithm", 1975).
struct DisjointSets {
    private var parents: [Int]

    /// Each number is a set of its own.
    init(count: Int) { parents = Array(0..<count) }

    /// The number that stands for the set of this one.
    mutating func root(of number: Int) -> Int {
        var number = number
        while parents[number] != number {
            parents[number] = parents[parents[number]]
            number = parents[number]
        }
        return number
    }

    mutating func join(_ one: Int, _ other: Int) {
        let (first, second) = (root(of: one), root(of: other))
        // The smaller one stays, so that roots do not depend on the order of joining.
        parents[max(first, second)] = min(first, second)
    }
}
