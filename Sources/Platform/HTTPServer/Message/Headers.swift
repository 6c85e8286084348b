/// Header fields in the order sent; names compare without case (RFC 9110, 5.1).
///
/// All names and values lie in one byte buffer, and a field is four offsets into it: a parsed request costs two
/// allocations however many fields it has, and no string is made before somebody asks for it.
package struct Headers: Sendable {
    struct Field: Sendable {
        var nameStart: UInt32
        var nameLength: UInt32
        var valueStart: UInt32
        var valueLength: UInt32
    }

    private(set) var bytes: [UInt8]
    private(set) var fields: [Field]

    package init() {
        bytes = []
        fields = []
    }

    /// Fields that a parser found in `bytes`.
    init(bytes: [UInt8], fields: [Field]) {
        self.bytes = bytes
        self.fields = fields
    }

    /// How many fields there are; equal names count each.
    package var count: Int { fields.count }
    package var isEmpty: Bool { fields.isEmpty }

    /// The value of the first field of that name. Setting replaces all fields of the name by one; `nil` removes them.
    package subscript(name: String) -> String? {
        get { firstIndex(of: name).map { value(fields[$0]) } }
        set {
            removeAll(name)
            if let newValue { append(name, newValue) }
        }
    }

    /// Whether there is a field of that name.
    package func contains(_ name: String) -> Bool { firstIndex(of: name) != nil }

    /// The values of all fields of that name, in order.
    package func all(_ name: String) -> [String] {
        var name = name
        return name.withUTF8 { wanted in fields.filter { matches($0, wanted) }.map(value) }
    }

    /// Adds a field after the others, keeping those of the same name.
    ///
    /// Control characters in `value` become spaces, so that no value can end its line and begin another; a `name`
    /// that is no token (RFC 9110, 5.6.2) is a mistake in the program and is not sent.
    package mutating func append(_ name: String, _ value: String) {
        var (name, value) = (name, value)
        let start = bytes.count
        let isToken = name.withUTF8 { name in
            guard !name.isEmpty, name.allSatisfy(isTokenByte) else { return false }
            bytes.append(contentsOf: name)
            return true
        }
        assert(isToken, "not a header name: \(name)")
        guard isToken else { return }
        let valueStart = bytes.count
        value.withUTF8 { bytes.append(contentsOf: $0) }
        for index in valueStart..<bytes.count where isControlByte(bytes[index]) { bytes[index] = UInt8(ascii: " ") }
        fields.append(
            Field(
                nameStart: UInt32(start),
                nameLength: UInt32(valueStart - start),
                valueStart: UInt32(valueStart),
                valueLength: UInt32(bytes.count - valueStart),
            )
        )
    }

    /// Sets a field unless one of that name is there: how a middleware leaves the last word to the handler.
    package mutating func setIfAbsent(_ name: String, _ value: String) {
        if !contains(name) { append(name, value) }
    }

    /// Adds the fields of `others` whose names are not here yet.
    package mutating func addMissing(_ others: Headers) {
        let isNew = !fields.contains { field in others.fields.contains { equalNames(field, $0, others) } }
        guard isNew else {
            for (name, value) in others { setIfAbsent(name, value) }
            return
        }
        let shift = UInt32(bytes.count)
        bytes += others.bytes
        fields += others.fields.lazy.map { field in
            Field(
                nameStart: field.nameStart + shift,
                nameLength: field.nameLength,
                valueStart: field.valueStart + shift,
                valueLength: field.valueLength,
            )
        }
    }

    /// Removes every field of that name.
    package mutating func removeAll(_ name: String) {
        var name = name
        name.withUTF8 { wanted in
            guard fields.contains(where: { matches($0, wanted) }) else { return }
            fields = fields.filter { !matches($0, wanted) }
        }
    }

    /// Whether the comma-separated list of that name holds `token` (RFC 9110, 5.6.1), compared without case.
    package func listContains(_ name: String, _ token: String) -> Bool {
        all(name).contains { value in
            value.split(separator: ",").contains { trimmed($0).lowercased() == token.lowercased() }
        }
    }

    /// Writes every field as a line, as a response carries them.
    func write(to out: inout [UInt8]) {
        bytes.withUnsafeBufferPointer { bytes in
            for field in fields {
                out.append(contentsOf: bytes.slice(field.nameStart, field.nameLength))
                out.append(UInt8(ascii: ":"))
                out.append(UInt8(ascii: " "))
                out.append(contentsOf: bytes.slice(field.valueStart, field.valueLength))
                out.append(UInt8(ascii: "\r"))
                out.append(UInt8(ascii: "\n"))
            }
        }
    }

    private func firstIndex(of name: String) -> Int? {
        guard !fields.isEmpty else { return nil }
        var name = name
        return name.withUTF8 { wanted in fields.firstIndex { matches($0, wanted) } }
    }

    private func matches(_ field: Field, _ wanted: UnsafeBufferPointer<UInt8>) -> Bool {
        guard Int(field.nameLength) == wanted.count else { return false }
        return bytes.withUnsafeBufferPointer { equalWithoutCase($0.slice(field.nameStart, field.nameLength), wanted) }
    }

    private func equalNames(_ mine: Field, _ theirs: Field, _ others: Headers) -> Bool {
        guard mine.nameLength == theirs.nameLength else { return false }
        return others.bytes.withUnsafeBufferPointer { matches(mine, $0.slice(theirs.nameStart, theirs.nameLength)) }
    }

    private func value(_ field: Field) -> String {
        bytes.withUnsafeBufferPointer {
            String(decoding: $0.slice(field.valueStart, field.valueLength), as: UTF8.self)
        }
    }
}

extension Headers: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, String)...) {
        self.init()
        for (name, value) in elements { append(name, value) }
    }
}

extension Headers: Sequence {
    package func makeIterator() -> some IteratorProtocol<(name: String, value: String)> {
        fields.lazy.map { field in
            let name = bytes[Int(field.nameStart)..<Int(field.nameStart + field.nameLength)]
            return (name: String(decoding: name, as: UTF8.self), value: value(field))
        }.makeIterator()
    }
}

extension UnsafeBufferPointer<UInt8> {
    fileprivate func slice(_ start: UInt32, _ length: UInt32) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: self[Int(start)..<Int(start) + Int(length)])
    }
}
