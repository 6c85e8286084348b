@testable import Imaging

/// A PNG chunk by chunk. Checksums are right unless asked otherwise; data are stored, not compressed.
struct PNGBuilder {
    private(set) var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    init(_ size: PixelSize, depth: UInt8 = 8, colourType: UInt8 = 0) {
        let shape = bigEndian(UInt32(size.width)) + bigEndian(UInt32(size.height))
        add("IHDR", shape + [depth, colourType, 0, 0, 0])
    }

    mutating func add(_ name: String, _ data: [UInt8]) {
        let content = Array(name.utf8) + data
        bytes += bigEndian(UInt32(data.count)) + content + bigEndian(crc32(content))
    }
}

/// A mid-grey picture of this size, with one byte a pixel.
func plainPNG(_ size: PixelSize) -> [UInt8] {
    var png = PNGBuilder(size)
    let rows = Array(repeating: [0] + Array(repeating: UInt8(128), count: size.width), count: size.height)
    png.add("IDAT", stored(rows.flatMap { $0 }))
    png.add("IEND", [])
    return png.bytes
}

/// zlib data in blocks that are not compressed (RFC 1950, RFC 1951 3.2.4).
private func stored(_ data: [UInt8]) -> [UInt8] {
    var result: [UInt8] = [0x78, 0x01]
    let starts = stride(from: 0, to: data.count, by: 65_535)
    for start in starts {
        let block = data[start..<min(data.count, start + 65_535)]
        let length = UInt16(block.count)
        result.append(start + 65_535 >= data.count ? 1 : 0)
        result += [UInt8(length & 255), UInt8(length >> 8), UInt8(~length & 255), UInt8(~length >> 8)]
        result += block
    }
    return result + bigEndian(adler32(data))
}

func bigEndian(_ value: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 255) } }

/// PNG, annex D.
private func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0 as UInt32) { crc, byte in crcTable[Int((crc ^ UInt32(byte)) & 255)] ^ (crc >> 8) }
}

private let crcTable: [UInt32] = (0..<256).map { start in
    (0..<8).reduce(UInt32(start)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
}

private func adler32(_ bytes: [UInt8]) -> UInt32 {
    let (low, high) = bytes.reduce((1 as UInt32, 0 as UInt32)) { sums, byte in
        let low = (sums.0 + UInt32(byte)) % 65_521
        return (low, (sums.1 + low) % 65_521)
    }
    return high << 16 | low
}
