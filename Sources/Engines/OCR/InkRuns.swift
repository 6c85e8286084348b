import Imaging

/// An inked pixel, from the middle of its sheet.
struct InkPoint {
    let x: Double
    let y: Double
}

/// Inked pixels of a row, side by side.
struct InkRun {
    let row: Int
    let columns: Range<Int>
}

extension Sheet {
    /// From top to bottom and from left to right. Of strokes that are brought out, paler ones are texture.
    func inkRuns() -> [InkRun] {
        var runs: [InkRun] = []
        pixels.withUnsafeBufferPointer { pixels in
            for row in 0..<size.height {
                let first = row * size.width
                var column = 0
                while column < size.width {
                    guard pixels[first + column] < 200 else {
                        column += 1
                        continue
                    }
                    let start = column
                    while column < size.width, pixels[first + column] < 200 { column += 1 }
                    runs.append(InkRun(row: row, columns: start..<column))
                }
            }
        }
        return runs
    }

    func inkPoints() -> [InkPoint] { inkRuns().flatMap(points) }

    func points(of run: InkRun) -> [InkPoint] {
        let (x, y) = (Double(size.width) / 2, Double(size.height) / 2)
        return run.columns.map { InkPoint(x: Double($0) - x, y: Double(run.row) - y) }
    }
}
