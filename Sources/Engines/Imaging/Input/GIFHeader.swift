/// GIF: screen descriptor, then extensions and images in sub-blocks of at most 255 bytes, then the trailer `;`
/// (GIF89a specification, sections 17 to 27).
struct GIFHeader: HeaderWalk {
    private let reader: ByteReader
    private var width = 0
    private var height = 0
    private var frames = 0

    init(_ bytes: [UInt8]) { reader = ByteReader(bytes, .little) }

    var hasPixels: Bool { frames > 0 }

    mutating func run() throws(ImagingError) {
        guard let width = reader.number(at: 6, width: 2), let height = reader.number(at: 8, width: 2),
            let flags = reader.byte(at: 10)
        else { throw .truncated }
        (self.width, self.height) = (width, height)
        var offset = 13 + tableBytes(flags)
        while let introducer = reader.byte(at: offset) {
            switch introducer {
            case 0x00: offset += 1  // some writers pad with zeros
            case 0x21: offset = try afterBlocks(from: offset + 2)
            case 0x2C: offset = try afterImage(at: offset)
            case 0x3B: return
            default: throw .corrupt
            }
        }
        throw .truncated
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

    /// A frame may reach over the screen; decoders then enlarge it.
    private mutating func afterImage(at offset: Int) throws(ImagingError) -> Int {
        guard let left = reader.number(at: offset + 1, width: 2),
            let top = reader.number(at: offset + 3, width: 2),
            let frameWidth = reader.number(at: offset + 5, width: 2),
            let frameHeight = reader.number(at: offset + 7, width: 2), let flags = reader.byte(at: offset + 9)
        else { throw .truncated }
        frames += 1
        width = max(width, left + frameWidth)
        height = max(height, top + frameHeight)
        return try afterBlocks(from: offset + 10 + tableBytes(flags) + 1)
    }

    private func tableBytes(_ flags: Int) -> Int { flags & 0x80 == 0 ? 0 : 3 << (flags & 7 + 1) }

    /// The offset behind a chain of sub-blocks, each a length and that many bytes; length 0 ends it.
    private func afterBlocks(from start: Int) throws(ImagingError) -> Int {
        var offset = start
        while let length = reader.byte(at: offset) {
            offset += 1 + length
            if length == 0 { return offset }
        }
        throw .truncated
    }
}
