/// Small pictures made by the tests themselves, so that every byte of them is known.
package struct PNG {
    /// Colour type and depth as PNG numbers them, and the bytes of a pixel.
    package enum Kind {
        case rgb, rgba
        /// One byte an index into red, green, blue triples.
        case palette([UInt8])
        case greyAlpha, grey16

        fileprivate var depth: UInt8 { if case .grey16 = self { 16 } else { 8 } }
        fileprivate var colourType: UInt8 {
            switch self {
            case .grey16: 0
            case .rgb: 2
            case .palette: 3
            case .greyAlpha: 4
            case .rgba: 6
            }
        }
    }

    package let width: Int
    package let height: Int
    package var kind = Kind.rgb
    /// Chunks before the end, each with its four-letter name.
    package var extra: [(name: String, data: [UInt8])] = []
    /// The bytes of one pixel.
    package let pixel: (_ x: Int, _ y: Int) -> [UInt8]

    /// A picture whose pixels are asked for one by one.
    package init(
        _ width: Int,
        _ height: Int,
        _ kind: Kind = .rgb,
        pixel: @escaping (_ x: Int, _ y: Int) -> [UInt8],
    ) {
        self.width = width
        self.height = height
        self.kind = kind
        self.pixel = pixel
    }

    /// Of one colour.
    package static func plain(_ width: Int = 64, _ height: Int = 48, _ colour: [UInt8] = [200, 30, 30]) -> PNG {
        PNG(width, height) { _, _ in colour }
    }

    /// Something that looks different for each `seed`: a few soft waves, as hashes of likeness need.
    package static func scene(_ seed: Int, _ width: Int = 160, _ height: Int = 120) -> PNG {
        PNG(width, height) { x, y in
            let across = x * 255 / width
            let down = y * 255 / height
            let wave = (x * (seed % 7 + 1) / 8 + y * (seed % 5 + 1) / 6) % 256
            return [UInt8(across), UInt8((down + seed * 37) % 256), UInt8(wave)]
        }
    }

    /// The file.
    package var bytes: [UInt8] { encoded(pixels: zlib(rows)) }

    /// A whole file whose pixels cannot be unpacked.
    package var damagedBytes: [UInt8] { encoded(pixels: zlib(rows).prefix(2) + [UInt8](repeating: 0xFF, count: 64)) }

    private var rows: [UInt8] {
        (0..<height).flatMap { y in [0] + (0..<width).flatMap { x in pixel(x, y) } }
    }

    private func encoded(pixels: [UInt8]) -> [UInt8] {
        let header = bigEndian(width) + bigEndian(height) + [kind.depth, kind.colourType, 0, 0, 0]
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
        if case .palette(let colours) = kind { file += chunk("PLTE", colours) }
        for part in extra { file += chunk(part.name, part.data) }
        return file + chunk("IDAT", pixels) + chunk("IEND", [])
    }
}

private func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + data
    return bigEndian(data.count) + body + bigEndian(Int(crc32(body)))
}

/// Stored blocks of RFC 1951 in the frame of RFC 1950: no compression.
private func zlib(_ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = [0x78, 0x01]
    var start = 0
    repeat {
        let end = min(bytes.count, start + 65_535)
        let (low, high) = (UInt8((end - start) & 0xFF), UInt8((end - start) >> 8))
        out += [end == bytes.count ? 1 : 0, low, high, ~low, ~high] + bytes[start..<end]
        start = end
    } while start < bytes.count
    var (a, b) = (UInt32(1), UInt32(0))
    for byte in bytes {
        a = (a + UInt32(byte)) % 65_521
        b = (b + a) % 65_521
    }
    return out + bigEndian(Int(b << 16 | a))
}

private func bigEndian(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 0xFF) } }

/// CRC-32 of PNG, annex D.
private func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0 as UInt32) { crc, byte in crc >> 8 ^ crcTable[Int((crc ^ UInt32(byte)) & 0xFF)] }
}

private let crcTable: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
}
