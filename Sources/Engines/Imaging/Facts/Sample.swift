/// A small copy of a picture, from which all facts are computed.
struct Sample: Sendable, Equatable {
    /// Longer side at most; the size of the smallest standard variant.
    static let longestSide = 150

    let size: PixelSize
    /// RGBA, four bytes each, row after row, not premultiplied.
    let pixels: [UInt8]

    init(size: PixelSize, pixels: [UInt8]) {
        precondition(pixels.count == 4 * size.pixels)
        self.size = size
        self.pixels = pixels
    }
}

extension Sample {
    init(of source: borrowing Decoded, before deadline: Deadline) throws(ImagingError) {
        let size = PixelSize(width: source.raster.width, height: source.raster.height)
        let seen = source.orientation >= 5 ? size.turned : size
        let small = try source.reduced(to: seen.fitting(Self.longestSide), before: deadline)
        self.size = seen.fitting(Self.longestSide)
        pixels = small.raster.bands == 4 ? small.raster.pixels() : Self.withAlpha(small.raster.pixels())
    }

    private static func withAlpha(_ rgb: [UInt8]) -> [UInt8] {
        var rgba: [UInt8] = []
        rgba.reserveCapacity(rgb.count / 3 * 4)
        for offset in stride(from: 0, to: rgb.count, by: 3) {
            rgba.append(contentsOf: rgb[offset..<offset + 3])
            rgba.append(255)
        }
        return rgba
    }

    /// The visible colours, each as often as it occurs: pixels that are less than half opaque are left out, unless
    /// there are no others.
    var colours: [Colour] {
        let offsets = stride(from: 0, to: pixels.count, by: 4)
        let visible = offsets.filter { pixels[$0 + 3] >= 128 }
        return (visible.isEmpty ? Array(offsets) : visible).map {
            Colour(red: pixels[$0], green: pixels[$0 + 1], blue: pixels[$0 + 2])
        }
    }
}
