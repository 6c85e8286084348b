import Glibc

/// Numbers out of bytes that somebody else wrote: every read past the end is `nil`, none can trap.
struct ByteReader {
    enum Order { case big, little }

    let bytes: [UInt8]
    private let order: Order

    init(_ bytes: [UInt8], _ order: Order) {
        self.bytes = bytes
        self.order = order
    }

    var count: Int { bytes.count }

    func byte(at offset: Int) -> Int? {
        bytes.indices.contains(offset) ? Int(bytes[offset]) : nil
    }

    /// A number of `width` bytes.
    func number(at offset: Int, width: Int) -> Int? {
        guard offset >= 0, offset <= bytes.count - width else { return nil }
        let slice = bytes[offset..<offset + width]
        return order == .big ? slice.reduce(0) { $0 << 8 | Int($1) } : slice.reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// Whether these characters stand at `offset`.
    func has(_ text: StaticString, at offset: Int) -> Bool {
        guard offset >= 0, offset <= bytes.count - text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { $0.elementsEqual(bytes[offset..<offset + $0.count]) }
    }

    /// Where `byte` stands first, at `offset` or later. The C library looks at 32 bytes at a time, which is why a
    /// JPEG of many megabytes is walked in a millisecond.
    func position(of byte: UInt8, from offset: Int) -> Int? {
        guard offset >= 0, offset < bytes.count else { return nil }
        return bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress,
                let found = memchr(start + offset, Int32(byte), buffer.count - offset)
            else { return nil }
            return UnsafeRawPointer(found) - start
        }
    }
}
