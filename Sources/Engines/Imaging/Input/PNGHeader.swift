/// PNG: a signature, then chunks of length, name, data and checksum, the first `IHDR`, the last `IEND`
/// (W3C PNG, third edition, 5).
enum PNGHeader {
    static func read(_ bytes: [UInt8]) throws(ImagingError) -> ImageHeader {
        let reader = ByteReader(bytes, .big)
        guard let header = try imageHeader(reader) else { throw .truncated }
        var frames = 1
        var isTransparent = false
        var hasData = false
        var offset = 33
        while let length = reader.number(at: offset, width: 4), offset + 12 + length <= reader.count {
            if reader.has("IEND", at: offset + 4) {
                guard hasData else { throw .corrupt }
                return whole(header, isTransparent: isTransparent, frames: frames)
            }
            if reader.has("IDAT", at: offset + 4) { hasData = true }
            if reader.has("tRNS", at: offset + 4) { isTransparent = true }
            if reader.has("acTL", at: offset + 4), !hasData { frames = reader.number(at: offset + 8, width: 4) ?? 1 }
            offset += 12 + length
        }
        throw .truncated
    }

    private struct Header {
        var size: PixelSize
        var depth: Int
        var colourType: Int
        var isInterlaced: Bool
    }

    /// `nil` when the file ends within it.
    private static func imageHeader(_ reader: ByteReader) throws(ImagingError) -> Header? {
        guard let width = reader.number(at: 16, width: 4), let height = reader.number(at: 20, width: 4),
            let depth = reader.byte(at: 24), let type = reader.byte(at: 25), let interlace = reader.byte(at: 28)
        else { return nil }
        guard reader.number(at: 8, width: 4) == 13, reader.has("IHDR", at: 12), interlace <= 1,
            (1...0x7FFF_FFFF).contains(width), (1...0x7FFF_FFFF).contains(height), isAllowed(depth, in: type)
        else { throw .corrupt }
        let size = PixelSize(width: width, height: height)
        return Header(size: size, depth: depth, colourType: type, isInterlaced: interlace == 1)
    }

    /// Table 11 of the specification.
    private static func isAllowed(_ depth: Int, in colourType: Int) -> Bool {
        switch colourType {
        case 0: [1, 2, 4, 8, 16].contains(depth)
        case 3: [1, 2, 4, 8].contains(depth)
        case 2, 4, 6: [8, 16].contains(depth)
        default: false
        }
    }

    private static func whole(_ header: Header, isTransparent: Bool, frames: Int) -> ImageHeader {
        let colours = [2, 3, 6].contains(header.colourType) ? 3 : 1
        let hasAlpha = header.colourType >= 4 || isTransparent
        return ImageHeader(
            format: .png,
            size: header.size,
            bands: colours + (hasAlpha ? 1 : 0),
            bitsPerSample: header.depth,
            frames: max(1, frames),
        )
    }
}
