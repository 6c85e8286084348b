import Glibc

extension Sheet {
    /// The sheet turned counterclockwise by degrees around its middle, large enough for all of it. What lies outside
    /// of the picture gets the median of its edge.
    package func turnedBack(by angle: Double) -> Sheet {
        let (sine, cosine) = (sin(angle * .pi / 180), cos(angle * .pi / 180))
        let (width, height) = (Double(size.width), Double(size.height))
        let turned = PixelSize(
            width: Int((width * cosine + height * abs(sine)).rounded(.up)),
            height: Int((height * cosine + width * abs(sine)).rounded(.up)),
        )
        let origin = (x: (size.width - turned.width) / 2, y: (size.height - turned.height) / 2)
        return part(from: origin, turned, turnedBack: angle)
    }

    /// A part of the sheet that ``turnedBack(by:)`` would give.
    ///
    /// - Parameters:
    ///   - origin: Its left and top, in pixels from those of this sheet.
    ///   - part: Its size.
    ///   - angle: Degrees by which the sheet is turned counterclockwise around its middle.
    /// - Returns: The part; what lies outside of the picture gets the median of its edge.
    package func part(from origin: (x: Int, y: Int), _ part: PixelSize, turnedBack angle: Double) -> Sheet {
        let (sine, cosine) = (sin(angle * .pi / 180), cos(angle * .pi / 180))
        let (width, height) = (Double(size.width), Double(size.height))
        var result = Array(repeating: edge, count: part.pixels)
        pixels.withUnsafeBufferPointer { pixels in
            for row in 0..<part.height {
                let dy = Double(row + origin.y) + 0.5 - height / 2
                for column in 0..<part.width {
                    let dx = Double(column + origin.x) + 0.5 - width / 2
                    let x = width / 2 + dx * cosine - dy * sine - 0.5
                    let y = height / 2 + dx * sine + dy * cosine - 0.5
                    guard x > 0, y > 0, x < width - 1, y < height - 1 else { continue }
                    result[row * part.width + column] = Self.value(pixels, at: x, y, size.width)
                }
            }
        }
        var sheet = Sheet(size: part, pixels: result, scale: scale)
        sheet.origin = origin
        return sheet
    }

    /// Between four pixels.
    private static func value(
        _ pixels: UnsafeBufferPointer<UInt8>,
        at x: Double,
        _ y: Double,
        _ width: Int,
    ) -> UInt8 {
        let (left, top) = (Int(x), Int(y))
        let (across, down) = (Int((x - Double(left)) * 256), Int((y - Double(top)) * 256))
        let at = top * width + left
        let upper = Int(pixels[at]) * (256 - across) + Int(pixels[at + 1]) * across
        let lower = Int(pixels[at + width]) * (256 - across) + Int(pixels[at + width + 1]) * across
        return UInt8((upper * (256 - down) + lower * down + 32_768) >> 16)
    }

    /// The median of the outermost pixels.
    private var edge: UInt8 {
        let last = (size.height - 1) * size.width
        let columns = (0..<size.width).flatMap { [pixels[$0], pixels[last + $0]] }
        let rows = (0..<size.height).flatMap { [pixels[$0 * size.width], pixels[($0 + 1) * size.width - 1]] }
        return (columns + rows).sorted()[columns.count / 2 + rows.count / 2]
    }
}
