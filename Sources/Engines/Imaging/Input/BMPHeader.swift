/// BMP: a file header of 14 bytes, a description of at least 40, a palette for 8 bits and fewer, then rows of whole
/// 32-bit words, the lowest row first unless the height is negative (Windows' BITMAPINFOHEADER and its successors).
///
/// Compressed ones, 16 bits a pixel and OS/2's own kind are refused: libvips does not read BMP, and this is what
/// programs write.
struct BMPHeader: HeaderWalk {
    let reader: ByteReader
    private(set) var described: Description?

    init(_ bytes: [UInt8]) { reader = ByteReader(bytes, .little) }

    /// What the file says of its pixels.
    struct Description {
        var size: PixelSize
        var isTopDown: Bool
        /// 1, 4, 8, 24 or 32.
        var bitsPerPixel: Int
        /// Whether the fourth byte of a pixel is its opacity.
        var hasAlpha: Bool
        /// Where the palette begins, and how many colours it has.
        var palette: (offset: Int, count: Int)
        /// Where the first row begins.
        var rows: Int

        /// Bytes from a row to the next.
        var stride: Int { (size.width * bitsPerPixel + 31) / 32 * 4 }
    }

    var hasPixels: Bool { false }

    mutating func run() throws(ImagingError) {
        let description = try description()
        described = description
        let (length, isHuge) = description.stride.multipliedReportingOverflow(by: description.size.height)
        guard !isHuge, length <= reader.count - description.rows else { throw .truncated }
    }

    func header() throws(ImagingError) -> ImageHeader {
        guard let described else { throw .corrupt }
        let bands = described.hasAlpha ? 4 : 3
        return ImageHeader(format: .bmp, size: described.size, bands: bands, bitsPerSample: 8)
    }

    private func description() throws(ImagingError) -> Description {
        guard let rows = reader.number(at: 10, width: 4), let length = reader.number(at: 14, width: 4),
            let width = signed(at: 18), let height = signed(at: 22), let planes = reader.number(at: 26, width: 2),
            let bits = reader.number(at: 28, width: 2), let coding = reader.number(at: 30, width: 4),
            let used = reader.number(at: 46, width: 4)
        else { throw .truncated }
        guard [40, 52, 56, 108, 124].contains(length), [1, 4, 8, 24, 32].contains(bits) else {
            throw .unsupported(what: "image/bmp of OS/2 or with \(bits) bits a pixel")
        }
        let hasMasks = coding == 3 && bits == 32
        guard coding == 0 || hasMasks && hasUsualMasks else {
            throw .unsupported(what: "image/bmp with compression or unusual colour masks")
        }
        guard planes == 1, width > 0, height != 0, height > Int(Int32.min) else { throw .corrupt }
        let colours = bits > 8 ? 0 : used == 0 ? 1 << bits : used
        guard colours <= 256, rows >= 14 + length + 4 * colours else { throw .corrupt }
        return Description(
            size: PixelSize(width: width, height: abs(height)),
            isTopDown: height < 0,
            bitsPerPixel: bits,
            hasAlpha: hasMasks && length >= 56 && reader.number(at: 66, width: 4) == 0xFF00_0000,
            palette: (14 + length, colours),
            rows: rows,
        )
    }

    /// Blue first, as without masks.
    private var hasUsualMasks: Bool {
        [(54, 0xFF_0000), (58, 0xFF00), (62, 0xFF)].allSatisfy { reader.number(at: $0.0, width: 4) == $0.1 }
    }

    private func signed(at offset: Int) -> Int? {
        reader.number(at: offset, width: 4).map { Int(Int32(truncatingIfNeeded: $0)) }
    }
}
