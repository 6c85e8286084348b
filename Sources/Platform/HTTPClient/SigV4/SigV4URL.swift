/// The parts of a URL that are signed.
struct SigV4URL {
    /// As libcurl sends it in `Host`: lower case, with the port only where it is not the scheme's own.
    let host: String
    /// Escaped, as it stands in the URL.
    let path: String
    /// Escaped, as it stands in the URL, without the question mark.
    let query: String
    /// Everything before the question mark.
    let base: String

    init(_ url: String) {
        let parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let base = String(parts[0])
        self.base = base
        query = parts.count == 2 ? String(parts[1]) : ""
        let start = base.firstRange(of: "://")?.upperBound ?? base.startIndex
        let slash = base[start...].firstIndex(of: "/")
        path = slash.map { String(base[$0...]) } ?? "/"
        let authority = base[start..<(slash ?? base.endIndex)].lowercased()
        let ownPort = base.lowercased().hasPrefix("https:") ? ":443" : ":80"
        host = authority.hasSuffix(ownPort) ? String(authority.dropLast(ownPort.count)) : authority
    }
}

/// `text` with everything escaped but the letters, digits and marks that RFC 3986, 2.3 calls unreserved, as SigV4
/// wants names, values and paths.
package func percentEncoded(_ text: String, keepingSlashes: Bool = false) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var out: [UInt8] = []
    for byte in text.utf8 {
        if isUnreserved(byte) || (keepingSlashes && byte == UInt8(ascii: "/")) {
            out.append(byte)
        } else {
            out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
    return String(decoding: out, as: UTF8.self)
}

private func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        true
    default: false
    }
}
