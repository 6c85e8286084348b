/// TIFF: a byte order, then a chain of directories of numbered fields, one for each page; its pixels lie in strips or
/// tiles anywhere in the file (TIFF 6.0, sections 2 and 15).
///
/// Only the first page counts. JPEG within TIFF, BigTIFF, floating point and rare colour spaces are refused, so that
/// what libtiff gets to see is what scanners and painting programs write.
struct TIFFHeader: HeaderWalk {
    private let reader: ByteReader
    private var page: TIFFPage?
    private var pages = 0

    init(_ bytes: [UInt8]) { reader = ByteReader(bytes, bytes.first == 0x4D ? .big : .little) }

    var hasPixels: Bool { false }

    mutating func run() throws(ImagingError) {
        guard reader.number(at: 2, width: 2) == 42 else { throw .unsupported(what: "image/tiff of 64 bits (BigTIFF)") }
        guard var offset = reader.number(at: 4, width: 4) else { throw .truncated }
        // A chain that bites its tail has too many pages, too.
        while offset != 0, pages <= Self.mostPages {
            guard let count = reader.number(at: offset, width: 2),
                let next = reader.number(at: offset + 2 + 12 * count, width: 4)
            else { throw .truncated }
            if page == nil { page = try TIFFPage(reader, directory: offset + 2, count) }
            pages += 1
            offset = next
        }
        guard let page else { throw .corrupt }
        try page.checkPieces(reader)
    }

    func header() throws(ImagingError) -> ImageHeader {
        guard let page else { throw .corrupt }
        return ImageHeader(
            format: .tiff,
            size: page.size,
            bands: page.bands,
            bitsPerSample: page.bits,
            frames: pages,
            extraBytes: page.pieceBytes,
        )
    }

    /// Beyond what any limit allows, so that counting ends.
    private static let mostPages = 10_000
}

/// What a directory says of its page.
struct TIFFPage {
    let size: PixelSize
    let bits: Int
    let bands: Int
    /// What decoding one strip or tile needs, and the rows of tiles beside it.
    let pieceBytes: Int
    /// Strips or tiles.
    private let pieces: Int
    private let offsets: TIFFField
    private let lengths: TIFFField

    /// - Throws: ``ImagingError/unsupported(what:)`` for rare kinds, ``ImagingError/corrupt`` for impossible ones.
    init(_ reader: ByteReader, directory: Int, _ count: Int) throws(ImagingError) {
        var fields: [Int: TIFFField] = [:]
        for place in 0..<count {
            guard let field = TIFFField(reader, at: directory + 12 * place) else { continue }
            fields[field.tag] = fields[field.tag] ?? field
        }
        func number(_ tag: Int, _ standard: Int? = nil) throws(ImagingError) -> Int {
            guard let field = fields[tag] else {
                guard let standard else { throw .corrupt }
                return standard
            }
            guard let value = field.value(reader, 0) else { throw .corrupt }
            return value
        }
        let (width, height) = (try number(256), try number(257))
        let (samples, colours) = (try number(277, 1), try number(262))
        let depth = try number(258, 1)
        bits = depth
        let planes = try number(284, 1)
        guard [1, 2, 3, 4, 5, 8, 32_773, 32_946].contains(try number(259, 1)), [0, 1, 2, 3, 5].contains(colours),
            [1, 2, 4, 8, 16].contains(depth), try number(339, 1) == 1
        else { throw .unsupported(what: "image/tiff with JPEG, floating point or a rare coding") }
        let depths = fields[258]
        let hasOneDepth = (0..<min(depths?.count ?? 0, 5)).allSatisfy { depths?.value(reader, $0) == depth }
        guard width > 0, height > 0, (1...5).contains(samples), (1...2).contains(planes), hasOneDepth else {
            throw .corrupt
        }
        size = PixelSize(width: width, height: height)
        bands = colours == 3 ? samples + 2 : samples
        let isTiled = fields[322] != nil
        let tile = PixelSize(
            width: isTiled ? try number(322) : width,
            height: isTiled ? try number(323) : min(height, try number(278, height)),
        )
        guard (1...Self.longestSide).contains(tile.width), (1...Self.longestSide).contains(tile.height) else {
            throw .corrupt
        }
        guard let offsets = fields[isTiled ? 324 : 273], let lengths = fields[isTiled ? 325 : 279] else {
            throw .corrupt
        }
        (self.offsets, self.lengths) = (offsets, lengths)
        let across = (width - 1) / tile.width + 1
        let down = (height - 1) / tile.height + 1
        pieces = across * down * (planes == 2 ? samples : 1)
        pieceBytes = (isTiled ? 2 : 1) * tile.pixels * bands * (bits > 8 ? 2 : 1)
    }

    /// Numbers have 32 bits; more than this is no picture, and products of two stay countable.
    private static let longestSide = 1 << 20

    /// Whether every strip or tile lies in the file.
    ///
    /// - Throws: ``ImagingError/truncated`` when one does not, ``ImagingError/corrupt`` when there are too few.
    func checkPieces(_ reader: ByteReader) throws(ImagingError) {
        guard offsets.count >= pieces, lengths.count >= pieces, pieces <= reader.count else { throw .corrupt }
        for piece in 0..<pieces {
            guard let offset = offsets.value(reader, piece), let length = lengths.value(reader, piece),
                offset + length <= reader.count
            else { throw .truncated }
        }
    }
}

/// Twelve bytes of a directory: a tag, the kind and number of its values, and the values or where they are.
struct TIFFField {
    let tag: Int
    let count: Int
    private let width: Int
    private let start: Int

    /// `nil` for kinds that hold no whole numbers, and past the end of the file.
    init?(_ reader: ByteReader, at offset: Int) {
        guard let tag = reader.number(at: offset, width: 2), let kind = reader.number(at: offset + 2, width: 2),
            let count = reader.number(at: offset + 4, width: 4), let place = reader.number(at: offset + 8, width: 4),
            let width = [1: 1, 3: 2, 4: 4][kind]
        else { return nil }
        (self.tag, self.count, self.width) = (tag, count, width)
        start = count * width <= 4 ? offset + 8 : place
    }

    func value(_ reader: ByteReader, _ index: Int) -> Int? {
        index < count ? reader.number(at: start + width * index, width: width) : nil
    }
}
