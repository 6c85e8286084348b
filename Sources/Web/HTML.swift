/// A piece of markup. Interpolated text is escaped, interpolated markup is not, so a page cannot be made to say what a
/// stranger wrote.
///
/// Text may stand in elements and in attributes with double quotes; never inside `<script>` or `<style>`.
package struct HTML: Sendable, Equatable, ExpressibleByStringInterpolation, CustomStringConvertible {
    /// The markup as sent.
    package private(set) var description: String

    package init(stringLiteral markup: String) { description = markup }

    package init(stringInterpolation: Interpolation) { description = stringInterpolation.markup }

    /// The pieces one after the other.
    package init(_ pieces: some Sequence<HTML>) { description = pieces.map(\.description).joined() }

    /// Text, escaped.
    package init(text: String) { description = escaped(text) }

    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var markup = ""

        package init(literalCapacity: Int, interpolationCount: Int) {
            markup.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) { markup += literal }
        package mutating func appendInterpolation(_ text: String) { markup += escaped(text) }
        package mutating func appendInterpolation(_ number: Int) { markup += String(number) }
        package mutating func appendInterpolation(_ nested: HTML) { markup += nested.description }
        /// Nothing for `nil`.
        package mutating func appendInterpolation(_ nested: HTML?) { markup += nested?.description ?? "" }
        package mutating func appendInterpolation(_ nested: [HTML]) {
            for piece in nested { markup += piece.description }
        }
    }
}

/// The five characters that mean something in elements and attributes become references.
private func escaped(_ text: String) -> String {
    guard text.utf8.contains(where: isSpecial) else { return text }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count + 32)
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "&"): bytes += "&amp;".utf8
        case UInt8(ascii: "<"): bytes += "&lt;".utf8
        case UInt8(ascii: ">"): bytes += "&gt;".utf8
        case UInt8(ascii: "\""): bytes += "&quot;".utf8
        case UInt8(ascii: "'"): bytes += "&#39;".utf8
        default: bytes.append(byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}

private func isSpecial(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): true
    default: false
    }
}
