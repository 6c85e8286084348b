import Glibc

/// One number for every pixel, row after row.
struct Plane: Equatable {
    let width: Int
    let height: Int
    private(set) var values: [Double]

    init(width: Int, height: Int, values: [Double]) {
        precondition(values.count == width * height)
        self.width = width
        self.height = height
        self.values = values
    }

    subscript(x: Int, y: Int) -> Double { values[y * width + x] }

    /// The plane in another size: every pixel is the mean of the area it covers, fractions of pixels included.
    func averaged(width newWidth: Int, height newHeight: Int) -> Plane {
        let columns = Self.cells(width, newWidth)
        let rows = Self.cells(height, newHeight)
        let means = rows.flatMap { row in
            columns.map { column in
                row.reduce(0) { sum, y in
                    sum + y.share * column.reduce(0) { $0 + $1.share * self[$1.index, y.index] }
                }
            }
        }
        return Plane(width: newWidth, height: newHeight, values: means)
    }

    /// The sum of all values, each weighed by its column and its row.
    func sum(across: [Double], down: [Double]) -> Double {
        var sum = 0.0
        for y in 0..<height {
            var row = 0.0
            for x in 0..<width { row += values[y * width + x] * across[x] }
            sum += row * down[y]
        }
        return sum
    }

    /// Samples of a cosine that makes `halfTurns` half turns over `count` pixels, taken at each pixel plus `offset`.
    static func cosine(halfTurns: Int, over count: Int, offset: Double) -> [Double] {
        (0..<count).map { cos(Double.pi * Double(halfTurns) * (Double($0) + offset) / Double(count)) }
    }

    /// For each of `new` equal cells over `old` pixels: which pixels it covers, and what share of the cell each fills.
    private static func cells(_ old: Int, _ new: Int) -> [[(index: Int, share: Double)]] {
        (0..<new).map { cell in
            // Counted in parts of a pixel, `new` to each, so that all borders are whole numbers.
            let (start, end) = (cell * old, (cell + 1) * old)
            return (start / new...(end - 1) / new).map { pixel in
                let part = min(end, (pixel + 1) * new) - max(start, pixel * new)
                return (pixel, Double(part) / Double(old))
            }
        }
    }
}

extension Sample {
    /// Brightness of every pixel, 0...255 (ITU-R BT.601), before a middle grey: so a black sign and a white one on a
    /// transparent ground both show.
    var grey: Plane {
        let values = stride(from: 0, to: pixels.count, by: 4).map { offset in
            let luma =
                0.299 * Double(pixels[offset]) + 0.587 * Double(pixels[offset + 1]) + 0.114 * Double(pixels[offset + 2])
            let opacity = Double(pixels[offset + 3]) / 255
            return luma * opacity + 128 * (1 - opacity)
        }
        return Plane(width: size.width, height: size.height, values: values)
    }
}
