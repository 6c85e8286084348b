import Imaging

/// Ink that stands as close together as the letters and lines of a block of text.
struct InkRegion {
    /// From the middle of the sheet.
    let points: [InkPoint]
    /// The median height or width of what is connected, whichever is larger, in pixels of the sheet.
    let letterSize: Double

    /// Smaller parts are dust, larger ones frames and things.
    private static let sizes = 4...160
    /// Fewer are no text whose angle one could tell.
    private static let leastParts = 4
    /// A photo full of texture: looking at all of it costs more than it finds.
    private static let mostParts = 20_000

    init(points: [InkPoint], letterSize: Double) {
        self.points = points
        self.letterSize = letterSize
    }

    /// Those of a sheet that shows strokes, the ones with most ink first.
    static func all(of sheet: Sheet) -> [InkRegion] {
        let runs = sheet.inkRuns()
        let (parts, owners) = InkPart.all(of: runs)
        let letters = parts.indices.filter { sizes.contains(parts[$0].size) }.sorted { parts[$0].left < parts[$1].left }
        guard letters.count <= mostParts else { return [] }
        var groups = joined(letters.map { parts[$0] })
        var roots = Array(repeating: -1, count: parts.count)
        for (index, part) in letters.enumerated() { roots[part] = groups.root(of: index) }
        var inks: [Int: [InkPoint]] = [:]
        for (run, owner) in zip(runs, owners) where roots[owner] >= 0 {
            inks[roots[owner], default: []] += sheet.points(of: run)
        }
        let members = Dictionary(grouping: letters, by: { roots[$0] }).filter { $0.value.count >= leastParts }
        return members.map { root, members in
            let sizes = members.map { parts[$0].size }.sorted()
            return InkRegion(points: inks[root] ?? [], letterSize: Double(sizes[sizes.count / 2]))
        }
        .sorted { ($0.points.count, $0.left) > ($1.points.count, $1.left) }
    }

    /// `letters`: from left to right.
    private static func joined(_ letters: [InkPart]) -> DisjointSets {
        var groups = DisjointSets(count: letters.count)
        for (index, letter) in letters.enumerated() {
            let reach = letter.right + letter.mostReach
            var next = index + 1
            while next < letters.count, letters[next].left <= reach {
                if letter.isNear(letters[next]) { groups.join(index, next) }
                next += 1
            }
        }
        return groups
    }

    private var left: Double { points.first?.x ?? 0 }
}

/// Ink that is connected: a letter, or some that touch.
private struct InkPart {
    var left: Int
    var top: Int
    var right: Int
    var bottom: Int

    var size: Int { max(right - left, bottom - top) }

    /// Letters of one text differ in size by this factor at most.
    private static let mostRatio = 4
    /// A gap is narrower than this share of the larger letter.
    private static let nearness = 1.4

    var mostReach: Int { Int(Self.nearness * Double(size * Self.mostRatio)) }

    /// Whether both may be letters of one block.
    func isNear(_ other: InkPart) -> Bool {
        let (small, large) = (min(size, other.size), max(size, other.size))
        let across = max(other.left - right, left - other.right)
        let down = max(other.top - bottom, top - other.bottom)
        return large <= Self.mostRatio * small && Double(max(across, down)) < Self.nearness * Double(large)
    }

    /// The parts of a sheet, and for each of its runs the part that it belongs to.
    static func all(of runs: [InkRun]) -> (parts: [InkPart], owners: [Int]) {
        var sets = touching(runs)
        var parts: [InkPart] = []
        var indices = Array(repeating: -1, count: runs.count)
        var owners: [Int] = []
        owners.reserveCapacity(runs.count)
        for (index, run) in runs.enumerated() {
            let root = sets.root(of: index)
            if indices[root] < 0 {
                indices[root] = parts.count
                parts.append(InkPart(run))
            }
            parts[indices[root]].add(run)
            owners.append(indices[root])
        }
        return (parts, owners)
    }

    private init(_ run: InkRun) {
        (left, top, right, bottom) = (run.columns.lowerBound, run.row, run.columns.upperBound, run.row + 1)
    }

    private mutating func add(_ run: InkRun) {
        left = min(left, run.columns.lowerBound)
        right = max(right, run.columns.upperBound)
        bottom = run.row + 1
    }

    /// Runs that touch one another, corners included.
    private static func touching(_ runs: [InkRun]) -> DisjointSets {
        var sets = DisjointSets(count: runs.count)
        // The first run of the row above that may touch this one or a later one.
        var above = 0
        for (index, run) in runs.enumerated() {
            while runs[above].row < run.row - 1
                || runs[above].row == run.row - 1 && runs[above].columns.upperBound < run.columns.lowerBound
            {
                above += 1
            }
            var other = above
            while runs[other].row == run.row - 1, runs[other].columns.lowerBound <= run.columns.upperBound {
                sets.join(other, index)
                other += 1
            }
        }
        return sets
    }
}
