/// Fills the holes of a patch smoothly from what lies around them: the known pixels are averaged into smaller and
/// smaller patches until no hole is left, and each hole takes the colour of the next smaller patch (Gortler et al.,
/// "The Lumigraph", 1996). On every level the holes are then relaxed towards the mean of their neighbours, so that no
/// steps of the coarser grid stay.
struct PullPush {
    private let width: Int
    private let height: Int
    /// One plane for each channel.
    private var planes: [[Float]]
    /// 0 for a hole ... 1 for a known pixel.
    private var weights: [Float]

    private static let relaxations = 8

    init(width: Int, height: Int, planes: [[Float]], isHole: [Bool]) {
        self.init(width: width, height: height, planes: planes, weights: isHole.map { $0 ? 0 : 1 })
    }

    private init(width: Int, height: Int, planes: [[Float]], weights: [Float]) {
        self.width = width
        self.height = height
        self.planes = planes
        self.weights = weights
    }

    /// The planes without holes; without a single known pixel they stay as they are.
    ///
    /// - Throws: What `stop` says, also in the middle of a large patch.
    consuming func filled(_ stop: WorkStop) throws -> [[Float]] {
        guard weights.contains(where: { $0 > 0 }) else { return planes }
        try fill(stop)
        return planes
    }

    private mutating func fill(_ stop: WorkStop) throws {
        guard weights.contains(where: { $0 < 1 }), width > 1 || height > 1 else { return }
        var smaller = halved()
        try smaller.fill(stop)
        let holes = weights.indices.filter { weights[$0] < 1 }
        for channel in planes.indices {
            try stop.check()
            for at in holes {
                let coarse = smaller.value(channel, x: at % width, y: at / width)
                planes[channel][at] = planes[channel][at] * weights[at] + coarse * (1 - weights[at])
            }
            for _ in 0..<Self.relaxations {
                try stop.check()
                relax(channel, holes)
            }
        }
    }

    /// Half the size; each pixel is the mean of four, by their weights.
    private func halved() -> PullPush {
        let (across, down) = ((width + 1) / 2, (height + 1) / 2)
        var result = PullPush(
            width: across,
            height: down,
            planes: Array(repeating: Array(repeating: 0, count: across * down), count: planes.count),
            weights: Array(repeating: 0, count: across * down),
        )
        for y in 0..<height {
            for x in 0..<width {
                let (from, to) = (y * width + x, y / 2 * across + x / 2)
                result.weights[to] += weights[from]
                for channel in planes.indices {
                    result.planes[channel][to] += planes[channel][from] * weights[from]
                }
            }
        }
        for at in result.weights.indices where result.weights[at] > 0 {
            for channel in planes.indices { result.planes[channel][at] /= result.weights[at] }
            result.weights[at] = min(1, result.weights[at])
        }
        return result
    }

    /// Between the four pixels around a place of the next larger patch.
    private func value(_ channel: Int, x: Int, y: Int) -> Float {
        let (left, top) = (max(0, (x - 1) / 2), max(0, (y - 1) / 2))
        let (right, bottom) = (min(width - 1, left + 1), min(height - 1, top + 1))
        let across: Float = x == 0 ? 0 : x % 2 == 1 ? 0.25 : 0.75
        let down: Float = y == 0 ? 0 : y % 2 == 1 ? 0.25 : 0.75
        let plane = planes[channel]
        let upper = plane[top * width + left] * (1 - across) + plane[top * width + right] * across
        let lower = plane[bottom * width + left] * (1 - across) + plane[bottom * width + right] * across
        return upper * (1 - down) + lower * down
    }

    private mutating func relax(_ channel: Int, _ holes: [Int]) {
        for at in holes where weights[at] == 0 {
            let (x, y) = (at % width, at / width)
            let left = planes[channel][x > 0 ? at - 1 : at]
            let right = planes[channel][x < width - 1 ? at + 1 : at]
            let above = planes[channel][y > 0 ? at - width : at]
            let below = planes[channel][y < height - 1 ? at + width : at]
            planes[channel][at] = (left + right + above + below) / 4
        }
    }
}
