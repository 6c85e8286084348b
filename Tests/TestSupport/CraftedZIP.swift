/// A ZIP archive as no decent program makes it.
package struct CraftedZIP {
    /// An entry, stored as it is.
    package struct Entry {
        package var name: [UInt8]
        package var bytes: [UInt8]
        /// Bit 0 says that it is encrypted, bit 11 that its name is UTF-8.
        package var flags: UInt16 = 0
        /// As stat(2) has it; a link is 0o120777.
        package var mode: UInt16 = 0o100644
        /// The checksum that the archive claims.
        package var checksum: UInt32?

        package init(_ name: String, _ bytes: [UInt8] = [1]) {
            self.name = Array(name.utf8)
            self.bytes = bytes
        }
    }

    package var entries: [Entry]

    package init(_ entries: [Entry]) { self.entries = entries }

    /// The archive.
    package var bytes: [UInt8] {
        var archive: [UInt8] = []
        var directory: [UInt8] = []
        for entry in entries {
            let offset = UInt64(archive.count)
            archive += little(0x0403_4B50, 4) + fields(of: entry) + entry.name + entry.bytes
            directory += little(0x0201_4B50, 4) + little(3 << 8 | 20, 2) + fields(of: entry)
            // No comment, the first disk, no attributes but the mode.
            directory += little(0, 6) + little(UInt64(entry.mode) << 16, 4) + little(offset, 4) + entry.name
        }
        let count = little(UInt64(entries.count), 2)
        let end = little(UInt64(directory.count), 4) + little(UInt64(archive.count), 4) + little(0, 2)
        return archive + directory + little(0x0605_4B50, 4) + little(0, 4) + count + count + end
    }

    /// What the head of an entry and its line in the directory have in common.
    private func fields(of entry: Entry) -> [UInt8] {
        let size = UInt64(entry.bytes.count)
        let fields: [(UInt64, Int)] = [
            (20, 2), (UInt64(entry.flags), 2), (0, 6), (UInt64(entry.checksum ?? crc32(entry.bytes)), 4), (size, 4),
            (size, 4), (UInt64(entry.name.count), 2), (0, 2),
        ]
        return fields.flatMap { little($0.0, $0.1) }
    }
}

private func little(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
}

private func crc32(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = .max
    for byte in bytes {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
}
