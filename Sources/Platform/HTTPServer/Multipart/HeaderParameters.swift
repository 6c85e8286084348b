/// A header value with parameters, such as `form-data; name="a"` (RFC 9110, 5.6.6).
///
/// It is read by scalars: an accent after a quote would hide the quote in one character of both.
struct HeaderParameters {
    private typealias Scalars = Substring.UnicodeScalarView

    /// The part before the first semicolon, in lower case.
    let value: String
    private var parameters: [(name: String, value: String)] = []

    init(_ text: String) {
        var rest = text[...].unicodeScalars
        value = trimmed(rest.prefix { $0 != ";" }).lowercased()
        rest = rest.drop { $0 != ";" }
        while rest.first == ";" {
            rest = rest.dropFirst()
            let name = trimmed(rest.prefix { $0 != "=" && $0 != ";" }).lowercased()
            rest = rest.drop { $0 != "=" && $0 != ";" }
            guard rest.first == "=" else { continue }
            rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
            let value = rest.first == "\"" ? Self.takeQuoted(&rest) : trimmed(rest.prefix { $0 != ";" })
            rest = rest.drop { $0 != ";" }
            parameters.append((name, value))
        }
    }

    /// The value of the first parameter of that lower-case name.
    subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

    /// Takes a quoted string. A backslash escapes a quote or a backslash only, because names from Windows hold others.
    private static func takeQuoted(_ rest: inout Scalars) -> String {
        rest = rest.dropFirst()
        var value = String.UnicodeScalarView()
        while let scalar = rest.popFirst(), scalar != "\"" {
            if scalar == "\\", let next = rest.first, next == "\"" || next == "\\" {
                value.append(next)
                rest = rest.dropFirst()
            } else {
                value.append(scalar)
            }
        }
        return String(value)
    }
}

private func trimmed(_ scalars: Substring.UnicodeScalarView) -> String {
    let isBlank: (Unicode.Scalar) -> Bool = { $0 == " " || $0 == "\t" }
    let start = scalars.drop(while: isBlank)
    guard let end = start.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(start[...end])
}
