/// HEIC and AVIF: boxes in boxes, each a length, a kind and content (ISO/IEC 14496-12, 4.2). What is said of the
/// pictures stands in `meta`, in `iprp`, in `ipco`: sizes in `ispe`, bits of a sample in `pixi` (ISO/IEC 23008-12, 6.5).
///
/// A picture of tiles names its own size and that of its tiles, so the longest sides count.
struct HEIFHeader: HeaderWalk {
    private let reader: ByteReader
    private let format: ImageFormat
    private var sizes: [PixelSize] = []
    private var bits = 8
    private var hasData = false
    private var isSequence = false

    init(_ bytes: [UInt8]) {
        reader = ByteReader(bytes, .big)
        format = ImageFormat(firstBytes: bytes) ?? .heic
    }

    var hasPixels: Bool { false }

    mutating func run() throws(ImagingError) {
        for box in try boxes(in: 0..<reader.count) {
            switch box.kind {
            case "meta": try readMeta(box.content)
            case "mdat": hasData = true
            case "moov": isSequence = true
            default: break
            }
        }
        guard hasData else { throw .truncated }
        guard !sizes.isEmpty else { throw .corrupt }
    }

    func header() throws(ImagingError) -> ImageHeader {
        guard let width = sizes.map(\.width).max(), let height = sizes.map(\.height).max() else { throw .corrupt }
        let size = PixelSize(width: width, height: height)
        return ImageHeader(format: format, size: size, bands: 4, bitsPerSample: bits, frames: isSequence ? 2 : 1)
    }

    /// Its own boxes begin behind four bytes of version and flags.
    private mutating func readMeta(_ meta: Range<Int>) throws(ImagingError) {
        for properties in try boxes(in: meta.dropFirst(4)) where properties.kind == "iprp" {
            for container in try boxes(in: properties.content) where container.kind == "ipco" {
                for property in try boxes(in: container.content) { try note(property) }
            }
        }
    }

    private mutating func note(_ property: Box) throws(ImagingError) {
        let start = property.content.lowerBound + 4
        switch property.kind {
        case "ispe":
            guard property.content.count >= 12, let width = reader.number(at: start, width: 4),
                let height = reader.number(at: start + 4, width: 4), width > 0, height > 0
            else { throw .corrupt }
            sizes.append(PixelSize(width: width, height: height))
        case "pixi":
            guard let channels = reader.byte(at: start), property.content.count >= 5 + channels else { throw .corrupt }
            bits = (1...max(1, channels)).compactMap { reader.byte(at: start + $0) }.reduce(bits, max)
        default: break
        }
    }

    private struct Box {
        let kind: String
        let content: Range<Int>
    }

    /// The boxes that fill a range; each is at least its own head, so that their number ends.
    ///
    /// - Throws: ``ImagingError/truncated`` where the last one goes on past the end of the file, else
    ///   ``ImagingError/corrupt`` where one does not fit.
    private func boxes(in range: Range<Int>) throws(ImagingError) -> [Box] {
        var boxes: [Box] = []
        var offset = range.lowerBound
        while offset + 8 <= range.upperBound {
            guard var length = reader.number(at: offset, width: 4) else { throw .truncated }
            var head = 8
            if length == 1 {
                // Lengths of 64 bits: more than 32 of them are past any end.
                guard let long = reader.number(at: offset + 12, width: 4),
                    reader.number(at: offset + 8, width: 4) == 0
                else { throw .truncated }
                (length, head) = (long, 16)
            } else if length == 0 {
                length = range.upperBound - offset
            }
            guard length >= head else { throw .corrupt }
            guard offset + length <= range.upperBound else {
                throw offset + length > reader.count ? .truncated : .corrupt
            }
            let kind = String(decoding: reader.bytes[offset + 4..<offset + 8], as: UTF8.self)
            boxes.append(Box(kind: kind, content: offset + head..<offset + length))
            offset += length
        }
        return boxes
    }
}
