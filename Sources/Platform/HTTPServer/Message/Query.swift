/// The part of a target after `?`, read as `name=value` pairs (the URL standard, application/x-www-form-urlencoded).
///
/// Nothing is decoded before somebody asks.
package struct Query: Sendable, Sequence {
    /// As sent, without the question mark.
    package let text: String

    package init(_ text: some StringProtocol) { self.text = String(text) }

    package var isEmpty: Bool { text.isEmpty }

    /// The decoded value of the first pair of that name. A name without `=` has the empty value.
    package subscript(name: String) -> String? { first { $0.name == name }?.value }

    /// The decoded values of all pairs of that name, in order.
    package func all(_ name: String) -> [String] { filter { $0.name == name }.map(\.value) }

    package func makeIterator() -> some IteratorProtocol<(name: String, value: String)> {
        text.split(separator: "&").lazy.map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: formDecoded(parts[0]), value: parts.count == 2 ? formDecoded(parts[1]) : "")
        }.makeIterator()
    }
}

/// Reads `+` as a space and `%XX` as a byte; a percent sign that begins no such pair stands for itself.
func formDecoded(_ text: Substring) -> String {
    guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
        return String(text)
    }
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "+") {
            bytes.append(UInt8(ascii: " "))
        } else if byte == UInt8(ascii: "%"), let value = hexadecimalPair(rest) {
            bytes.append(value)
            rest = rest.dropFirst(2)
        } else {
            bytes.append(byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}

/// The byte that the first two characters spell in hexadecimal.
func hexadecimalPair(_ text: some Collection<UInt8>) -> UInt8? {
    let pair = text.prefix(2)
    guard pair.count == 2, let first = pair.first.flatMap(hexadecimalValue),
        let second = pair.dropFirst().first.flatMap(hexadecimalValue)
    else { return nil }
    return first << 4 | second
}
