/// WebP: a RIFF file whose first chunk is `VP8 `, `VP8L` or `VP8X` (RFC 9649, 2).
struct WebPHeader: HeaderWalk {
    private let reader: ByteReader
    private var canvas: PixelSize?
    private var image: PixelSize?
    private var hasAlpha = false
    private var frames = 0

    init(_ bytes: [UInt8]) { reader = ByteReader(bytes, .little) }

    var hasPixels: Bool { image != nil || (canvas != nil && frames > 0) }

    mutating func run() throws(ImagingError) {
        guard let riffLength = reader.number(at: 4, width: 4) else { throw .truncated }
        let end = 8 + riffLength
        var offset = 12
        while offset + 8 <= end, let length = reader.number(at: offset + 4, width: 4) {
            let isWhole = offset + 8 + length <= min(end, reader.count)
            do {
                try note(chunk: offset, length: min(length, max(0, reader.count - offset - 8)))
            } catch .corrupt where !isWhole {
                throw .truncated
            }
            guard isWhole else { throw .truncated }
            offset += 8 + length + length & 1
        }
        guard end <= reader.count else { throw .truncated }
    }

    private mutating func note(chunk: Int, length: Int) throws(ImagingError) {
        let data = chunk + 8
        if reader.has("VP8X", at: chunk) {
            guard canvas == nil, length >= 10, let flags = reader.byte(at: data),
                let width = reader.number(at: data + 4, width: 3),
                let height = reader.number(at: data + 7, width: 3)
            else { throw .corrupt }
            hasAlpha = hasAlpha || flags & 0x10 != 0
            canvas = PixelSize(width: width + 1, height: height + 1)
        } else if reader.has("ANMF", at: chunk) {
            frames += 1
        } else if reader.has("VP8 ", at: chunk) {
            image = try lossy(data, length)
        } else if reader.has("VP8L", at: chunk) {
            image = try lossless(data, length)
        }
    }

    /// A key frame: tag, start code, then 14 bits each of width and height (RFC 6386, 9.1).
    private func lossy(_ data: Int, _ length: Int) throws(ImagingError) -> PixelSize {
        guard length >= 10, reader.number(at: data + 3, width: 3) == 0x2A019D,
            let width = reader.number(at: data + 6, width: 2), let height = reader.number(at: data + 8, width: 2),
            width & 0x3FFF > 0, height & 0x3FFF > 0
        else { throw .corrupt }
        return PixelSize(width: width & 0x3FFF, height: height & 0x3FFF)
    }

    /// A signature byte, then 14 bits each of width - 1 and height - 1, then whether alpha is used (RFC 9649, 3.4).
    private mutating func lossless(_ data: Int, _ length: Int) throws(ImagingError) -> PixelSize {
        guard length >= 5, reader.byte(at: data) == 0x2F, let bits = reader.number(at: data + 1, width: 4) else {
            throw .corrupt
        }
        hasAlpha = hasAlpha || bits >> 28 & 1 == 1
        return PixelSize(width: bits & 0x3FFF + 1, height: bits >> 14 & 0x3FFF + 1)
    }

    /// The larger of canvas and image: a file may lie about one of them.
    func header() throws(ImagingError) -> ImageHeader {
        guard image != nil || (canvas != nil && frames > 0) else { throw .corrupt }
        let sizes = [canvas, image].compactMap { $0 }
        let size = PixelSize(width: sizes.map(\.width).max() ?? 1, height: sizes.map(\.height).max() ?? 1)
        return ImageHeader(
            format: .webp,
            size: size,
            bands: hasAlpha ? 4 : 3,
            bitsPerSample: 8,
            frames: max(1, frames),
        )
    }
}
