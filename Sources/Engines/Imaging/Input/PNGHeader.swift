/// PNG: a signature, then chunks of length, name, data and checksum, the first `IHDR`, the last `IEND`
/// (W3C PNG, third edition, 5).
struct PNGHeader: HeaderWalk {
    private let reader: ByteReader
    private var described: Description?
    private var frames = 1
    private var isTransparent = false
    private var hasData = false

    init(_ bytes: [UInt8]) { reader = ByteReader(bytes, .big) }

    /// libpng gives nothing of an interlaced picture whose end is missing.
    var hasPixels: Bool { hasData && described?.isInterlaced == false }

    mutating func run() throws(ImagingError) {
        guard let description = try description() else { throw .truncated }
        described = description
        var offset = 33
        while let length = reader.number(at: offset, width: 4) {
            if reader.has("IDAT", at: offset + 4) { hasData = true }
            guard offset + 12 + length <= reader.count else { break }
            if reader.has("IEND", at: offset + 4) { return }
            if reader.has("tRNS", at: offset + 4) { isTransparent = true }
            if reader.has("acTL", at: offset + 4), !hasData { frames = reader.number(at: offset + 8, width: 4) ?? 1 }
            offset += 12 + length
        }
        throw .truncated
    }

    func header() throws(ImagingError) -> ImageHeader {
        guard let described, hasData else { throw .corrupt }
        let colours = [2, 3, 6].contains(described.colourType) ? 3 : 1
        let hasAlpha = described.colourType >= 4 || isTransparent
        return ImageHeader(
            format: .png,
            size: described.size,
            bands: colours + (hasAlpha ? 1 : 0),
            bitsPerSample: described.depth,
            frames: max(1, frames),
        )
    }

    /// What `IHDR` says.
    private struct Description {
        var size: PixelSize
        var depth: Int
        var colourType: Int
        var isInterlaced: Bool
    }

    /// `nil` when the file ends within it.
    private func description() throws(ImagingError) -> Description? {
        guard let width = reader.number(at: 16, width: 4), let height = reader.number(at: 20, width: 4),
            let depth = reader.byte(at: 24), let type = reader.byte(at: 25), let interlace = reader.byte(at: 28)
        else { return nil }
        guard reader.number(at: 8, width: 4) == 13, reader.has("IHDR", at: 12), interlace <= 1,
            (1...0x7FFF_FFFF).contains(width), (1...0x7FFF_FFFF).contains(height), isAllowed(depth, in: type)
        else { throw .corrupt }
        let size = PixelSize(width: width, height: height)
        return Description(size: size, depth: depth, colourType: type, isInterlaced: interlace == 1)
    }

    /// Table 11 of the specification.
    private func isAllowed(_ depth: Int, in colourType: Int) -> Bool {
        switch colourType {
        case 0: [1, 2, 4, 8, 16].contains(depth)
        case 3: [1, 2, 4, 8].contains(depth)
        case 2, 4, 6: [8, 16].contains(depth)
        default: false
        }
    }
}
