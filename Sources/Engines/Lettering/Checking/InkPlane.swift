import Imaging

/// Part of a picture as ink on paper: 0 where it has the colour of the letters, 255 where it is as far from it as what
/// lies around them.
struct InkPlane {
    private let bounds: TextBox
    private let values: [UInt8]

    /// - Parameters:
    ///   - picture: Upright.
    ///   - bounds: Within the picture.
    ///   - letters: Their colour.
    ///   - surroundings: The colour of their outline, or of the ground.
    init(_ picture: Bitmap, _ bounds: TextBox, letters: Colour, surroundings: Colour) {
        // Letters that can hardly be told from their ground must not make ink of its noise.
        let contrast = max(24, letters.distance(to: surroundings))
        self.bounds = bounds
        values = picture.colours(in: bounds).map { UInt8(min(255, 255 * $0.distance(to: letters) / contrast)) }
    }

    /// Whether nothing can be told apart.
    var isPlain: Bool { Int(values.max() ?? 0) - Int(values.min() ?? 0) < 24 }

    /// The text of a box, level and enlarged, with white around it. What lies outside of the plane is white.
    ///
    /// - Parameters:
    ///   - box: In the frame of a block.
    ///   - angle: Degrees by which the block is turned.
    ///   - middle: What it is turned around.
    ///   - scale: Pixels of the sheet for one of the picture.
    /// - Returns: Black on white, with a border.
    func sheet(of box: TextBox, turnedBy angle: Double, around middle: TextPoint, scale: Double) -> Sheet {
        let width = Int((Double(box.width) * scale).rounded(.up)) + 2 * Self.border
        let height = Int((Double(box.height) * scale).rounded(.up)) + 2 * Self.border
        var pixels = Array(repeating: UInt8(255), count: width * height)
        for row in Self.border..<height - Self.border {
            let y = Double(box.y) + (Double(row - Self.border) + 0.5) / scale
            for column in Self.border..<width - Self.border {
                let x = Double(box.x) + (Double(column - Self.border) + 0.5) / scale
                pixels[row * width + column] = value(at: TextPoint(x: x, y: y).turned(by: angle, around: middle))
            }
        }
        return Sheet(size: PixelSize(width: width, height: height), pixels: pixels, scale: scale)
    }

    /// In pixels of the sheet; lines at the very edge are not found.
    private static let border = 12

    /// Between four pixels.
    private func value(at point: TextPoint) -> UInt8 {
        let (x, y) = (point.x - Double(bounds.x) - 0.5, point.y - Double(bounds.y) - 0.5)
        let (left, top) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
        let (across, down) = (x - Double(left), y - Double(top))
        let upper = pixel(left, top) * (1 - across) + pixel(left + 1, top) * across
        let lower = pixel(left, top + 1) * (1 - across) + pixel(left + 1, top + 1) * across
        return UInt8((upper * (1 - down) + lower * down).rounded())
    }

    private func pixel(_ x: Int, _ y: Int) -> Double {
        guard x >= 0, y >= 0, x < bounds.width, y < bounds.height else { return 255 }
        return Double(values[y * bounds.width + x])
    }
}
