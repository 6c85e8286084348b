/// The request target (RFC 9112, 3.2), split and its path decoded.
struct RequestTarget {
    /// Decoded; begins with a slash, or is `*`.
    var path = ""
    /// Where the query lies in the bytes, without the question mark.
    var query: Range<Int>
    /// Host and port of an absolute target (`GET http://host/path`), which a proxy sends.
    var authority: String?
    /// Why the target is refused; then `path` is empty.
    var problem: HTTPError?

    /// A target that was refused together with its head.
    init(refusedFor problem: HTTPError) {
        query = 0..<0
        self.problem = problem
    }

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        query = bytes.count..<bytes.count
        guard !bytes.contains(UInt8(ascii: "#")) else {
            problem = .badRequest("The request target holds a fragment.")
            return
        }
        var start = 0
        if bytes.first != UInt8(ascii: "/") {
            if bytes.count == 1, bytes[0] == UInt8(ascii: "*") {
                path = "*"
                return
            }
            guard let end = readAuthority(bytes) else {
                problem = .badRequest("The request target is neither a path nor an http address.")
                return
            }
            start = end
        }
        let queryMark = bytes[start...].firstIndex(of: UInt8(ascii: "?")) ?? bytes.count
        if queryMark < bytes.count { query = queryMark + 1..<bytes.count }
        do throws(HTTPError) {
            path = try decodedPath(UnsafeBufferPointer(rebasing: bytes[start..<queryMark]))
        } catch {
            problem = error
        }
    }

    /// Reads `http://authority` and returns where the path begins.
    private mutating func readAuthority(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        let text = String(decoding: bytes.prefix(8), as: UTF8.self).lowercased()
        let length = text.hasPrefix("http://") ? 7 : text.hasPrefix("https://") ? 8 : 0
        guard length > 0 else { return nil }
        let end = bytes[length...].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? bytes.count
        guard end > length, isAuthority(bytes[length..<end]) else { return nil }
        authority = String(decoding: bytes[length..<end], as: UTF8.self)
        return end
    }
}

/// Whether nothing in it ends an authority or belongs to a login (RFC 3986, 3.2).
func isAuthority(_ bytes: some Sequence<UInt8>) -> Bool { bytes.allSatisfy { !" /?#@\\,".utf8.contains($0) } }

/// Decodes a path and refuses what two programs could read differently: encoded slashes and NULs, other control
/// characters, dot segments, percent signs without two digits, bytes that are no UTF-8.
private func decodedPath(_ bytes: UnsafeBufferPointer<UInt8>) throws(HTTPError) -> String {
    if bytes.isEmpty { return "/" }
    guard bytes.contains(UInt8(ascii: "%")) else {
        try refuseDotSegments(bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
        if bytes[index] == UInt8(ascii: "%") {
            guard let byte = hexadecimalPair(bytes[(index + 1)...]) else {
                throw .badRequest("The path holds a percent sign without two hexadecimal digits.")
            }
            guard byte != UInt8(ascii: "/"), byte >= 0x20, byte != 0x7F else {
                throw .badRequest("The path holds an encoded slash or control character.")
            }
            decoded.append(byte)
            index += 3
        } else {
            decoded.append(bytes[index])
            index += 1
        }
    }
    guard let path = String(validating: decoded, as: UTF8.self) else {
        throw .badRequest("The path is not UTF-8.")
    }
    try decoded.withUnsafeBufferPointer { bytes throws(HTTPError) in try refuseDotSegments(bytes) }
    return path
}

/// Refuses `.` and `..` as segments. Clients remove them (RFC 3986, 5.2.4); who sends them is up to something.
private func refuseDotSegments(_ path: UnsafeBufferPointer<UInt8>) throws(HTTPError) {
    var index = 0
    while let slash = path[index...].firstIndex(of: UInt8(ascii: "/")) {
        index = slash + 1
        guard index < path.count, path[index] == UInt8(ascii: ".") else { continue }
        let segment = path[index...].prefix { $0 != UInt8(ascii: "/") }
        let isDots = segment.count == 1 || (segment.count == 2 && path[index + 1] == UInt8(ascii: "."))
        if isDots { throw .badRequest("The path holds a dot segment.") }
    }
}
