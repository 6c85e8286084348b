/// A header value with parameters, such as `form-data; name="a"` (RFC 9110, 5.6.6).
struct HeaderParameters {
    /// The part before the first semicolon, in lower case.
    let value: String
    private var parameters: [(name: String, value: String)] = []

    init(_ text: String) {
        var rest = text[...]
        value = trimmed(rest.prefix { $0 != ";" }).lowercased()
        rest = rest.drop { $0 != ";" }
        while rest.first == ";" {
            rest = rest.dropFirst()
            let name = trimmed(rest.prefix { $0 != "=" && $0 != ";" }).lowercased()
            rest = rest.drop { $0 != "=" && $0 != ";" }
            guard rest.first == "=" else { continue }
            rest = rest.dropFirst()
            let value = rest.first == "\"" ? takeQuoted(&rest) : String(trimmed(rest.prefix { $0 != ";" }))
            rest = rest.drop { $0 != ";" }
            parameters.append((name, value))
        }
    }

    /// The value of the first parameter of that lower-case name.
    subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }
}

/// Takes a quoted string. A backslash escapes a quote or a backslash only, because names from Windows hold others.
private func takeQuoted(_ rest: inout Substring) -> String {
    rest = rest.dropFirst()
    var value = ""
    while let character = rest.popFirst(), character != "\"" {
        if character == "\\", let next = rest.first, next == "\"" || next == "\\" {
            value.append(next)
            rest = rest.dropFirst()
        } else {
            value.append(character)
        }
    }
    return value
}
