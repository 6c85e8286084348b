/// GIF: screen descriptor, then extensions and images in sub-blocks of at most 255 bytes, then the trailer `;`
/// (GIF89a specification, sections 17 to 27).
enum GIFHeader {
    static func read(_ bytes: [UInt8]) throws(ImagingError) -> ImageHeader {
        let reader = ByteReader(bytes, .little)
        guard let width = reader.number(at: 6, width: 2), let height = reader.number(at: 8, width: 2),
            let flags = reader.byte(at: 10)
        else { throw .truncated }
        var walk = Walk(width: width, height: height, offset: 13 + tableBytes(flags))
        while let introducer = reader.byte(at: walk.offset) {
            switch introducer {
            case 0x00: walk.offset += 1  // some writers pad with zeros
            case 0x21: walk.offset = try afterBlocks(reader, from: walk.offset + 2)
            case 0x2C: try walk.image(reader)
            case 0x3B: return try walk.header()
            default: throw .corrupt
            }
        }
        throw .truncated
    }

    private struct Walk {
        var width: Int
        var height: Int
        var offset: Int
        var frames = 0

        /// A frame may reach over the screen; decoders then enlarge it.
        mutating func image(_ reader: ByteReader) throws(ImagingError) {
            guard let left = reader.number(at: offset + 1, width: 2),
                let top = reader.number(at: offset + 3, width: 2),
                let frameWidth = reader.number(at: offset + 5, width: 2),
                let frameHeight = reader.number(at: offset + 7, width: 2), let flags = reader.byte(at: offset + 9)
            else { throw .truncated }
            frames += 1
            width = max(width, left + frameWidth)
            height = max(height, top + frameHeight)
            offset = try afterBlocks(reader, from: offset + 10 + tableBytes(flags) + 1)
        }

        func header() throws(ImagingError) -> ImageHeader {
            guard frames > 0, width > 0, height > 0 else { throw .corrupt }
            return ImageHeader(
                format: .gif,
                size: PixelSize(width: width, height: height),
                bands: 4,
                bitsPerSample: 8,
                frames: frames,
            )
        }
    }

    private static func tableBytes(_ flags: Int) -> Int { flags & 0x80 == 0 ? 0 : 3 << (flags & 7 + 1) }

    /// The offset behind a chain of sub-blocks, each a length and that many bytes; length 0 ends it.
    private static func afterBlocks(_ reader: ByteReader, from start: Int) throws(ImagingError) -> Int {
        var offset = start
        while let length = reader.byte(at: offset) {
            offset += 1 + length
            if length == 0 { return offset }
        }
        throw .truncated
    }
}
