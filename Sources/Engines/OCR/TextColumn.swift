import Imaging

/// Ink that may be characters one below the other, as Chinese and Japanese are written from top to bottom: each fills a
/// square, and all squares are of one width.
struct TextColumn {
    /// Around the ink, in pixels of the picture.
    let box: WordBox
    /// What each character takes of the column's height, from top to bottom, in pixels of the picture.
    let cells: [Range<Double>]

    /// More are not looked at: pages of a book have about so many.
    private static let most = 24
    private static let leastCells = 3
    /// Of a column's height in its width.
    private static let leastHeight = 2.5

    /// Those of a sheet that shows strokes, from right to left as they are read.
    static func all(in sheet: Sheet) -> [TextColumn] {
        let found = InkRegion.all(of: sheet).prefix(most).flatMap { region in
            bands(of: region, in: sheet).compactMap { TextColumn($0, scale: sheet.scale) }
        }
        return found.prefix(most).sorted { ($0.box.x, $1.box.y) > ($1.box.x, $0.box.y) }
    }

    /// A part of a region that no ink joins to the parts beside it.
    private struct Band {
        var columns: Range<Int>
        /// Whether there is ink, row by row from ``top`` on.
        var rows: [Int] = []
        var top = 0
    }

    private static func bands(of region: InkRegion, in sheet: Sheet) -> [Band] {
        let (middleX, middleY) = (Double(sheet.size.width) / 2, Double(sheet.size.height) / 2)
        let places = region.points.map { (x: Int($0.x + middleX), y: Int($0.y + middleY)) }
        var isInked = Array(repeating: false, count: sheet.size.width)
        for place in places { isInked[place.x] = true }
        return joined(runs(isInked)).map { columns in
            let inside = places.filter { columns.contains($0.x) }
            let top = inside.map(\.y).min() ?? 0
            let bottom = inside.map(\.y).max() ?? 0
            var band = Band(columns: columns, rows: Array(repeating: 0, count: bottom - top + 1), top: top)
            for place in inside { band.rows[place.y - top] += 1 }
            return band
        }
    }

    private static func runs(_ isInked: [Bool]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for (index, isInked) in isInked.enumerated() where isInked {
            if runs.last?.upperBound == index {
                runs[runs.count - 1] = runs[runs.count - 1].lowerBound..<index + 1
            } else {
                runs.append(index..<index + 1)
            }
        }
        return runs
    }

    /// Where all characters of a column have two parts side by side, both belong to it.
    private static func joined(_ runs: [Range<Int>]) -> [Range<Int>] {
        let widest = runs.map(\.count).max() ?? 0
        return runs.reduce(into: []) { joined, run in
            guard let last = joined.last, min(last.count, run.count) * 5 < widest * 3,
                (run.lowerBound - last.upperBound) * 3 < widest, (run.upperBound - last.lowerBound) * 2 < widest * 3
            else { return joined.append(run) }
            joined[joined.count - 1] = last.lowerBound..<run.upperBound
        }
    }

    private init?(_ band: Band, scale: Double) {
        let width = band.columns.count
        guard Double(band.rows.count) >= Self.leastHeight * Double(width), width >= 8 else { return nil }
        let cells = Self.cells(band.rows, about: width)
        // Characters of lines one below the other stand farther apart.
        guard cells.count >= Self.leastCells, band.rows.count * 2 < cells.count * width * 3 else { return nil }
        box = WordBox(
            x: Int(Double(band.columns.lowerBound) / scale),
            y: Int(Double(band.top) / scale),
            width: Int((Double(width) / scale).rounded(.up)),
            height: Int((Double(band.rows.count) / scale).rounded(.up)),
        )
        self.cells = cells.map {
            Double(band.top + $0.lowerBound) / scale..<Double(band.top + $0.upperBound) / scale
        }
    }

    /// Cuts a column where it has least ink, about as high as it is wide.
    private static func cells(_ rows: [Int], about size: Int) -> [Range<Int>] {
        var cells: [Range<Int>] = []
        var start = 0
        while start < rows.count {
            let earliest = start + size * 7 / 10
            let latest = min(rows.count, start + size * 13 / 10 + 1)
            guard earliest < latest, rows.count - start > size * 13 / 10 else {
                cells.append(start..<rows.count)
                break
            }
            let cut = (earliest..<latest).min { one, other in
                (rows[one], abs(one - start - size)) < (rows[other], abs(other - start - size))
            }
            cells.append(start..<(cut ?? latest))
            start = rows[(cut ?? latest)...].firstIndex { $0 > 0 } ?? rows.count
        }
        return cells
    }

    /// Whether most of its characters stand in lines that were read.
    func isRead(in lines: [WordBox]) -> Bool {
        let middle = box.x + box.width / 2
        let read = cells.count { cell in
            let row = Int((cell.lowerBound + cell.upperBound) / 2)
            return lines.contains { line in
                line.x <= middle && middle < line.x + line.width && line.y <= row && row < line.y + line.height
            }
        }
        return 2 * read >= cells.count
    }

    /// The characters side by side on a sheet of their own, as a reader of lines knows them.
    func line(of sheet: Sheet) -> Sheet {
        let width = Int((Double(box.width) * sheet.scale).rounded(.up))
        let highest = cells.map { Int((($0.upperBound - $0.lowerBound) * sheet.scale).rounded(.up)) }.max() ?? width
        let tile = max(width, highest) * 5 / 4
        let size = PixelSize(width: tile * (cells.count + 1), height: tile * 2)
        var line = Sheet(size: size, pixels: Array(repeating: ground(in: sheet), count: size.pixels), scale: 1)
        let left = Int(Double(box.x) * sheet.scale)
        for (number, cell) in cells.enumerated() {
            let top = Int(cell.lowerBound * sheet.scale)
            let height = min(highest, Int(((cell.upperBound - cell.lowerBound) * sheet.scale).rounded(.up)))
            for row in 0..<height {
                guard top + row < sheet.size.height else { break }
                let target =
                    (tile / 2 + (tile - height) / 2 + row) * size.width + tile / 2 + number * tile + (tile - width) / 2
                for column in 0..<min(width, sheet.size.width - left) {
                    line.pixels[target + column] = sheet.pixels[(top + row) * sheet.size.width + left + column]
                }
            }
        }
        return line
    }

    /// The median of what lies left and right of the characters.
    private func ground(in sheet: Sheet) -> UInt8 {
        let sides = [box.x - 2, box.x + box.width + 2].map { Int(Double($0) * sheet.scale) }
        let columns = sides.filter { (0..<sheet.size.width).contains($0) }
        let top = Int(Double(box.y) * sheet.scale)
        let bottom = min(sheet.size.height, Int(Double(box.y + box.height) * sheet.scale))
        let pixels = columns.flatMap { column in
            (top..<max(top, bottom)).map { sheet.pixels[$0 * sheet.size.width + column] }
        }
        return pixels.isEmpty ? 255 : pixels.sorted()[pixels.count / 2]
    }
}
