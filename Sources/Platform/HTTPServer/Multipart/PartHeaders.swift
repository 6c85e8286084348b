/// What the headers of a form part say (RFC 7578, 4.2).
struct PartHeaders: Equatable {
    let name: String
    /// The last component of what the sender calls the file; `nil` for a field.
    let filename: String?
    let contentType: String?

    /// `bytes` are the header lines; line ends at both ends may be missing.
    init(_ bytes: ArraySlice<UInt8>) throws(HTTPError) {
        var disposition: HeaderParameters?
        var contentType: String?
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":") else {
                throw .badRequest("A form part has a header line without a colon.")
            }
            let value = trimmed(line[line.index(after: colon)...])
            switch line[..<colon].lowercased() {
            case "content-disposition": disposition = HeaderParameters(String(value))
            case "content-type": contentType = String(value)
            default: break
            }
        }
        guard let disposition, disposition.value == "form-data", let name = disposition["name"] else {
            throw .badRequest(
                "A form part does not say its name: Content-Disposition: form-data; name=\"…\" is missing."
            )
        }
        self.name = formNameDecoded(name)
        // RFC 7578 discourages `filename*`, yet common clients send it for names beyond ASCII.
        let extended = disposition["filename*"].flatMap(decodedExtendedValue)
        filename = (extended ?? disposition["filename"].map(formNameDecoded)).map(lastPathComponent)
        self.contentType = contentType
    }
}

/// Browsers write a quote and line ends as percent escapes and nothing else (the HTML standard, 4.10.21.8).
private func formNameDecoded(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
    var decoded = ""
    var rest = text[...]
    while let percent = rest.firstIndex(of: "%") {
        decoded += rest[..<percent]
        let escape = rest[percent...].prefix(3)
        switch escape.uppercased() {
        case "%22": decoded += "\""
        case "%0D", "%0A": decoded += " "
        default: decoded += escape
        }
        rest = rest[escape.endIndex...]
    }
    return decoded + rest
}

/// Reads `UTF-8'en'name%20here` (RFC 8187); other character sets are left to the plain `filename`.
private func decodedExtendedValue(_ text: String) -> String? {
    let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].lowercased() == "utf-8" else { return nil }
    var bytes: [UInt8] = []
    var rest = parts[2].utf8[...]
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%") {
            guard let value = hexadecimalPair(rest) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        } else {
            bytes.append(byte)
        }
    }
    return String(validating: bytes, as: UTF8.self)
}

/// Old browsers send whole paths; control characters never belong into a name.
private func lastPathComponent(_ name: String) -> String {
    let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
    return String(last.filter { character in !character.utf8.contains { $0 < 0x20 || $0 == 0x7F } }.prefix(255))
}
