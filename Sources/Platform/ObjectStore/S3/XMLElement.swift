/// An element of the XML that S3 answers with: names, text and elements in order. Attributes are read and let go.
struct XMLElement: Sendable, Equatable {
    let name: String
    /// All text directly in it.
    var text = ""
    var children: [XMLElement] = []

    /// The text of the first child of this name.
    subscript(name: String) -> String? { children.first { $0.name == name }?.text }

    /// Reads a document; `nil` when it is not well-formed or has what S3 never sends: a document type, a processing
    /// instruction, CDATA, more than 16 levels.
    init?(_ bytes: [UInt8]) {
        var reader = XMLReader(bytes)
        guard let root = reader.document() else { return nil }
        self = root
    }

    init(name: String) { self.name = name }
}

private struct XMLReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
        _ = skip("\u{FEFF}")
    }

    mutating func document() -> XMLElement? {
        skipSpace()
        if skip("<?xml ") {
            guard skip(past: "?>") else { return nil }
        }
        skipSpace()
        guard skip("<"), let root = element(depth: 1) else { return nil }
        skipSpace()
        return rest.isEmpty ? root : nil
    }

    /// Reads an element whose `<` was taken.
    private mutating func element(depth: Int) -> XMLElement? {
        guard depth <= 16, let name = self.name() else { return nil }
        var element = XMLElement(name: name)
        guard let isEmpty = attributes() else { return nil }
        if isEmpty { return element }
        while true {
            guard let text = text() else { return nil }
            element.text += text
            if skip("</") {
                guard self.name() == name else { return nil }
                skipSpace()
                return skip(">") ? element : nil
            }
            guard skip("<"), let child = self.element(depth: depth + 1) else { return nil }
            element.children.append(child)
        }
    }

    /// - Returns: Whether the tag closes itself; `nil` when it is broken.
    private mutating func attributes() -> Bool? {
        while true {
            skipSpace()
            if skip("/>") { return true }
            if skip(">") { return false }
            guard name() != nil, skip("=") else { return nil }
            if skip("\"") {
                guard skip(past: "\"") else { return nil }
            } else {
                guard skip("'"), skip(past: "'") else { return nil }
            }
        }
    }

    private mutating func name() -> String? {
        let bytes = rest.prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
        rest = rest.dropFirst(bytes.count)
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// The text up to the next tag; there must be one.
    private mutating func text() -> String? {
        var text = ""
        while true {
            let bytes = rest.prefix { $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: "&") }
            rest = rest.dropFirst(bytes.count)
            text += String(decoding: bytes, as: UTF8.self)
            if rest.first == UInt8(ascii: "<") { return text }
            guard skip("&"), let character = entity() else { return nil }
            text.unicodeScalars.append(character)
        }
    }

    private mutating func entity() -> Unicode.Scalar? {
        let bytes = rest.prefix(10).prefix { $0 != UInt8(ascii: ";") }
        rest = rest.dropFirst(bytes.count)
        guard skip(";") else { return nil }
        let name = String(decoding: bytes, as: UTF8.self)
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard name.hasPrefix("#") else { return nil }
            let isHex = name.hasPrefix("#x")
            return UInt32(name.dropFirst(isHex ? 2 : 1), radix: isHex ? 16 : 10).flatMap { Unicode.Scalar($0) }
        }
    }

    private mutating func skip(_ text: String) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        rest = rest.dropFirst(text.utf8.count)
        return true
    }

    private mutating func skip(past end: String) -> Bool {
        guard let found = rest.firstRange(of: end.utf8) else { return false }
        rest = rest[found.upperBound...]
        return true
    }

    private mutating func skipSpace() {
        rest = rest.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
    }
}

/// `text` with the characters of markup escaped, for what is sent.
func xmlEscaped(_ text: String) -> String {
    text.reduce(into: "") { out, character in
        switch character {
        case "&": out += "&amp;"
        case "<": out += "&lt;"
        case ">": out += "&gt;"
        case "\"": out += "&quot;"
        default: out.append(character)
        }
    }
}
