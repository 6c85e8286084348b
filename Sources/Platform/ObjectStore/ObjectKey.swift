/// The name of an object: segments of `A-Z a-z 0-9 . _ = -` joined by `/`, such as `images/users/u1/0198/large.webp`.
///
/// A key can never leave the store: a segment does not begin with a dot (so there is no `..`, and no hidden file), none
/// is empty and none is longer than 255 bytes, the limit of Linux file systems. The whole is at most 1,024 bytes, the
/// limit of S3.
///
/// No key may also be a folder of another (`a` beside `a/b`): local files cannot hold both.
package struct ObjectKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The key as text.
    package let text: String

    /// Reads `text`; `nil` when it is no key.
    package init?(_ text: some StringProtocol) {
        guard isKey(text.utf8) else { return nil }
        self.text = String(text)
    }

    /// Takes a key made of parts that were checked before. When they were not, nothing is read or written: every
    /// operation with the key throws ``StorageError/badKey``.
    package init(unchecked text: String) { self.text = text }

    /// Whether the grammar holds: always, unless the key was made unchecked.
    package var isValid: Bool { isKey(text.utf8) }

    package var description: String { text }

    /// ASCII order, that of listings on every engine.
    package static func < (left: ObjectKey, right: ObjectKey) -> Bool { left.text < right.text }

    var segments: [Substring] { text.split(separator: "/") }
}

private func isKey(_ text: some Collection<UInt8>) -> Bool {
    guard (1...1024).contains(text.count) else { return false }
    return text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy(isSegment)
}

/// Whether a file of this name can belong to an object or a folder of objects.
func isSegment(_ segment: some Collection<UInt8>) -> Bool {
    guard let first = segment.first, first != UInt8(ascii: "."), segment.count <= 255 else { return false }
    return segment.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "="),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
