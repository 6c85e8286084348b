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

    /// The lower-case 36-character form.
    package var description: String { uuid.uuidString.lowercased() }

    package static func < (left: ID, right: ID) -> Bool { left.description < right.description }
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
