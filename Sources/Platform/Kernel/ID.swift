import Synchronization

/// An identifier that cannot be passed where another entity's is expected.
///
/// New ones are UUID version 7 (RFC 9562, 5.7): the first 48 bits are milliseconds since the epoch, so ids sort by
/// the time they were made. Two ids made in one process in the same millisecond sort in the order they were made.
package struct ID<Entity>: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    /// The 128 bits, in the order of the text. Every row carries some, so they are read and written by hand: through
    /// Foundation each way costs ten times as much.
    private let high: UInt64
    private let low: UInt64

    /// A new, unique identifier.
    package init() { (high, low) = nextVersion7() }

    /// Reads the 36-character form of any UUID version (imported rows carry version 4); `nil` for anything else.
    package init?(_ text: String) {
        var bits: (high: UInt64, low: UInt64) = (0, 0)
        var index = 0
        for byte in text.utf8 {
            if isDash(index) {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard let digit = hexadecimalDigit(byte) else { return nil }
                bits = (bits.high << 4 | bits.low >> 60, bits.low << 4 | digit)
            }
            index += 1
            if index > 36 { return nil }
        }
        guard index == 36 else { return nil }
        (high, low) = bits
    }

    /// The identifier of another entity that is the same thing seen from elsewhere, such as a meme and its picture.
    package init<Other>(same other: ID<Other>) { (high, low) = (other.high, other.low) }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = ID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a UUID: \(text)")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// The lower-case 36-character form.
    package var description: String {
        String(unsafeUninitializedCapacity: 36) { text in
            var bits = (high: high, low: low)
            for index in 0..<36 {
                if isDash(index) {
                    text[index] = UInt8(ascii: "-")
                } else {
                    let digit = UInt8(truncatingIfNeeded: bits.high >> 60)
                    text[index] = digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
                    bits = (bits.high << 4 | bits.low >> 60, bits.low << 4)
                }
            }
            return 36
        }
    }

    package static func < (left: ID, right: ID) -> Bool { (left.high, left.low) < (right.high, right.low) }
}

/// Whether the text has a dash at this place.
private func isDash(_ index: Int) -> Bool { index == 8 || index == 13 || index == 18 || index == 23 }

private func hexadecimalDigit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
}

/// The last millisecond used and the counter within it (RFC 9562, 6.2, method 1).
private let lastTick = Mutex<(milliseconds: UInt64, counter: UInt16)>((0, 0))

private func nextVersion7() -> (high: UInt64, low: UInt64) {
    let now = UInt64(max(0, Timestamp.now().milliseconds))
    let (time, counter) = lastTick.withLock { last in
        if now > last.milliseconds {
            last = (now, UInt16.random(in: 0..<0x400))
        } else if last.counter == 0xFFF {
            last = (last.milliseconds + 1, 0)
        } else {
            last.counter += 1
        }
        return (last.milliseconds, last.counter)
    }
    let random = UInt64.random(in: 0...UInt64.max)
    return (time << 16 | 0x7000 | UInt64(counter), 0x8000_0000_0000_0000 | random >> 2)
}
