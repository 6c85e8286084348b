/// Header fields in the order they came. Names are compared without regard to case (RFC 9110, 5.1).
package struct HTTPHeaders: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// One line of a header.
    package struct Field: Sendable, Hashable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Every field, repeated names included.
    package private(set) var fields: [Field] = []

    package init() {}

    package init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// The first value under this name. Setting replaces every field of the name; `nil` removes them.
    package subscript(name: String) -> String? {
        get { fields.first { isSame($0.name, name) }?.value }
        set {
            fields.removeAll { isSame($0.name, name) }
            if let newValue { append(name, newValue) }
        }
    }

    /// Every value under this name.
    package func values(_ name: String) -> [String] { fields.filter { isSame($0.name, name) }.map(\.value) }

    /// Adds a field and keeps those of the same name.
    package mutating func append(_ name: String, _ value: String) { fields.append(Field(name: name, value: value)) }

    /// Whether no field can break out of its line or is no header: names are tokens, values are free of controls
    /// (RFC 9110, 5.5 and 5.6.2).
    var isSafe: Bool {
        fields.allSatisfy { field in
            !field.name.isEmpty && field.name.utf8.allSatisfy(isTokenByte) && isHeaderValue(field.value)
        }
    }
}

/// Whether nothing in it can end its line (RFC 9110, 5.5).
func isHeaderValue(_ text: String) -> Bool { text.utf8.allSatisfy { $0 == 9 || ($0 >= 32 && $0 != 127) } }

private func isSame(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count && zip(left.utf8, right.utf8).allSatisfy { lowercased($0) == lowercased($1) }
}

private func lowercased(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 32 : byte }

private func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: Array("!#$%&'*+-.^_`|~".utf8).contains(byte)
    }
}
