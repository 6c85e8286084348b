/// The pixels of a BMP whose header was read and found good.
struct BMPPixels {
    private let reader: ByteReader
    private let picture: BMPHeader.Description

    /// - Throws: What reading the header throws.
    init(_ bytes: [UInt8]) throws(ImagingError) {
        var header = BMPHeader(bytes)
        try header.run()
        guard let picture = header.described else { throw .corrupt }
        (reader, self.picture) = (header.reader, picture)
    }

    /// Upright; three bands, or four when a pixel is transparent.
    ///
    /// - Throws: ``ImagingError/corrupt`` for a colour that the palette lacks, ``ImagingError/outOfTime``.
    func bitmap(before deadline: Deadline) throws(ImagingError) -> Bitmap {
        let bands = hasTransparency ? 4 : 3
        let size = picture.size
        var pixels: [UInt8] = []
        pixels.reserveCapacity(size.pixels * bands)
        for row in 0..<size.height {
            if deadline.hasPassed { throw .outOfTime }
            let start = picture.rows + picture.stride * (picture.isTopDown ? row : size.height - 1 - row)
            if picture.bitsPerPixel <= 8 {
                try addIndexed(from: start, to: &pixels)
            } else {
                addColours(from: start, bands, to: &pixels)
            }
        }
        return Bitmap(size: size, bands: bands, pixels: pixels)
    }

    private func addColours(from start: Int, _ bands: Int, to pixels: inout [UInt8]) {
        let bytes = reader.bytes
        let step = picture.bitsPerPixel / 8
        for offset in stride(from: start, to: start + step * picture.size.width, by: step) {
            pixels.append(bytes[offset + 2])
            pixels.append(bytes[offset + 1])
            pixels.append(bytes[offset])
            if bands == 4 { pixels.append(bytes[offset + 3]) }
        }
    }

    private func addIndexed(from start: Int, to pixels: inout [UInt8]) throws(ImagingError) {
        let bytes = reader.bytes
        let bits = picture.bitsPerPixel
        for column in 0..<picture.size.width {
            let shift = 8 - bits - column * bits % 8
            let index = Int(bytes[start + column * bits / 8]) >> shift & (1 << bits - 1)
            guard index < picture.palette.count else { throw .corrupt }
            let colour = picture.palette.offset + 4 * index
            pixels.append(bytes[colour + 2])
            pixels.append(bytes[colour + 1])
            pixels.append(bytes[colour])
        }
    }

    /// Some programs announce opacity and leave it zero everywhere: they mean a solid picture.
    private var hasTransparency: Bool {
        guard picture.hasAlpha else { return false }
        let end = picture.rows + picture.stride * picture.size.height
        let opacities = stride(from: picture.rows + 3, to: end, by: 4).lazy.map { reader.bytes[$0] }
        return opacities.contains { $0 != 0 } && opacities.contains { $0 != 255 }
    }
}
