import HTTPServer
import Kernel

/// A ZIP file of pictures, written while it is sent. They are compressed already, so nothing is packed again.
struct PictureArchive: Sendable {
    /// A file in the archive.
    struct Entry: Sendable {
        let name: String
        let read: @Sendable () async throws -> [UInt8]
    }

    let entries: [Entry]

    /// Writes local headers with their files, then the directory (APPNOTE 6.3.9, 4.3).
    func write(to writer: ResponseWriter) async throws {
        var directory: [UInt8] = []
        var offset = 0
        for entry in entries {
            let bytes = try await entry.read()
            let facts = Self.facts(bytes, Array(entry.name.utf8))
            let local = Self.word(0x0403_4B50, 4) + Self.word(20, 2) + facts + Array(entry.name.utf8)
            directory += Self.word(0x0201_4B50, 4) + Self.word(20, 2) + Self.word(20, 2) + facts
            directory +=
                Self.word(0, 2) + Self.word(0, 2) + Self.word(0, 2) + Self.word(0, 4) + Self.word(offset, 4)
            directory += Array(entry.name.utf8)
            try await writer.write(local)
            try await writer.write(bytes)
            offset += local.count + bytes.count
        }
        let count = Self.word(entries.count, 2)
        let end = Self.word(0x0605_4B50, 4) + Self.word(0, 2) + Self.word(0, 2) + count + count
        try await writer.write(
            directory + end + Self.word(directory.count, 4) + Self.word(offset, 4) + Self.word(0, 2)
        )
    }

    /// What both headers say alike: names are UTF-8, nothing is packed, 1 January 1980, checksum, sizes.
    private static func facts(_ bytes: [UInt8], _ name: [UInt8]) -> [UInt8] {
        word(0x0800, 2) + word(0, 2) + word(0, 2) + word(0x21, 2) + word(Int(checksum(bytes)), 4)
            + word(bytes.count, 4) + word(bytes.count, 4) + word(name.count, 2) + word(0, 2)
    }

    private static func word(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// CRC-32 (ISO 3309).
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
    }

    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { rest, _ in rest & 1 == 1 ? 0xEDB8_8320 ^ rest >> 1 : rest >> 1 }
    }
}
