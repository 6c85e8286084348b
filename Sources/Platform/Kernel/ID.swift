import FoundationEssentials
import Synchronization

/// An identifier that cannot be passed where another entity's is expected.
///
/// New ones are UUID version 7 (RFC 9562, 5.7): the first 48 bits are milliseconds since the epoch, so ids sort by
/// the time they were made. Two ids made in one process in the same millisecond sort in the order they were made.
package struct ID<Entity>: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    private let uuid: UUID

    /// A new, unique identifier.
    package init() { uuid = UUID(uuid: nextVersion7()) }

    /// Reads the 36-character form of any UUID version (imported rows carry version 4); `nil` for anything else.
    package init?(_ text: String) {
        guard text.utf8.count == 36, let uuid = UUID(uuidString: text) else { return nil }
        self.uuid = uuid
    }

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

    /// The lower-case 36-character form. Foundation's upper-case one goes through `snprintf`, and every request needs
    /// one.
    package var description: String {
        withUnsafeBytes(of: uuid.uuid) { bytes in
            String(unsafeUninitializedCapacity: 36) { text in
                var end = 0
                for (index, byte) in bytes.enumerated() {
                    if index == 4 || index == 6 || index == 8 || index == 10 {
                        text[end] = UInt8(ascii: "-")
                        end += 1
                    }
                    text[end] = hexadecimalDigit(byte >> 4)
                    text[end + 1] = hexadecimalDigit(byte & 15)
                    end += 2
                }
                return end
            }
        }
    }

    package static func < (left: ID, right: ID) -> Bool {
        withUnsafeBytes(of: left.uuid.uuid) { left in
            withUnsafeBytes(of: right.uuid.uuid) { left.lexicographicallyPrecedes($0) }
        }
    }
}

private func hexadecimalDigit(_ value: UInt8) -> UInt8 {
    value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
}

/// The last millisecond used and the counter within it (RFC 9562, 6.2, method 1).
private let lastTick = Mutex<(milliseconds: UInt64, counter: UInt16)>((0, 0))

private func nextVersion7() -> uuid_t {
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
    func byte(_ value: UInt64, _ shift: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: value >> shift) }
    return (
        byte(time, 40), byte(time, 32), byte(time, 24), byte(time, 16), byte(time, 8), byte(time, 0),
        0x70 | UInt8(counter >> 8), UInt8(truncatingIfNeeded: counter),
        0x80 | (byte(random, 56) & 0x3F), byte(random, 48), byte(random, 40), byte(random, 32),
        byte(random, 24), byte(random, 16), byte(random, 8), byte(random, 0),
    )
}
