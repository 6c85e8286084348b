/// What a `Range` header asks of a body of known length (RFC 9110, 14).
enum ByteRange: Equatable {
    /// No range, or one that may be ignored: several ranges, another unit, a malformed one.
    case whole
    case part(Range<Int>)
    /// 416
    case unsatisfiable

    init(_ header: String?, length: Int) {
        self = header.flatMap { Self.parse($0, length: length) } ?? .whole
    }

    private static func parse(_ header: String, length: Int) -> ByteRange? {
        guard header.lowercased().hasPrefix("bytes=") else { return nil }
        let parts = trimmed(header.dropFirst(6)).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy(isDigit) }) else { return nil }
        // A number beyond Int is beyond every body.
        let (first, last) = (
            parts[0].isEmpty ? nil : Int(parts[0]) ?? .max, parts[1].isEmpty ? nil : Int(parts[1]) ?? .max,
        )
        switch (first, last) {
        case (nil, nil): return nil
        case (nil, let suffix?):
            return suffix == 0 || length == 0 ? .unsatisfiable : .part(max(0, length - suffix)..<length)
        case (let first?, let last):
            if let last, last < first { return nil }
            guard first < length else { return .unsatisfiable }
            return .part(first..<min(last ?? .max, length - 1) + 1)
        }
    }
}

private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
