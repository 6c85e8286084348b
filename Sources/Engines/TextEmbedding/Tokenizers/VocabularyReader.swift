/// Reads the object `"vocab"` of a `tokenizer.json`.
///
/// The JSON decoder cannot: its keys are `String`s, of which two are equal when they look the same ("é" as one or as two
/// scalars), and vocabularies have both.
struct VocabularyReader {
    private let bytes: [UInt8]
    private var position: Int

    /// The tokens in the file's order; `nil` when there is no such object or it is damaged.
    static func read(_ bytes: [UInt8]) -> [(text: [UInt8], id: Int32)]? {
        guard let start = objectStart(bytes) else { return nil }
        var reader = VocabularyReader(bytes: bytes, position: start)
        return reader.members()
    }

    /// Just behind `"vocab": {`.
    private static func objectStart(_ bytes: [UInt8]) -> Int? {
        let key = Array("\"vocab\"".utf8)
        var index = 0
        while index + key.count < bytes.count {
            guard bytes[index] == key[0], bytes[index..<(index + key.count)].elementsEqual(key) else {
                index += 1
                continue
            }
            var reader = VocabularyReader(bytes: bytes, position: index + key.count)
            if reader.take(":"), reader.take("{") { return reader.position }
            index += key.count
        }
        return nil
    }

    private mutating func members() -> [(text: [UInt8], id: Int32)]? {
        var tokens: [(text: [UInt8], id: Int32)] = []
        if take("}") { return tokens }
        while true {
            guard let text = string(), take(":"), let id = number() else { return nil }
            tokens.append((text, id))
            if take("}") { return tokens }
            guard take(",") else { return nil }
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        while position < bytes.count, [9, 10, 13, 32].contains(bytes[position]) { position += 1 }
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func number() -> Int32? {
        while position < bytes.count, bytes[position] == UInt8(ascii: " ") { position += 1 }
        let digits = bytes[position...].prefix { (48...57).contains($0) }
        position += digits.count
        return Int32(String(decoding: digits, as: UTF8.self))
    }

    private mutating func string() -> [UInt8]? {
        guard take("\"") else { return nil }
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return text
            case UInt8(ascii: "\\"):
                guard let scalar = escaped() else { return nil }
                text += UTF8.encode(scalar).map { Array($0) } ?? []
            default: text.append(byte)
            }
        }
        return nil
    }

    /// What follows a backslash (RFC 8259, 7).
    private mutating func escaped() -> Unicode.Scalar? {
        guard position < bytes.count else { return nil }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return hexadecimalScalar()
        default: return Unicode.Scalar(byte)
        }
    }

    /// Four digits, or twice four for a scalar beyond the first plane.
    private mutating func hexadecimalScalar() -> Unicode.Scalar? {
        guard let first = hexadecimal() else { return nil }
        guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) }
        guard take("\\"), take("u"), let second = hexadecimal(), (0xDC00..<0xE000).contains(second) else { return nil }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func hexadecimal() -> UInt32? {
        guard position + 4 <= bytes.count else { return nil }
        defer { position += 4 }
        return UInt32(String(decoding: bytes[position..<(position + 4)], as: UTF8.self), radix: 16)
    }
}
