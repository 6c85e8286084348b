internal import CPQ

/// The binds of one statement in PostgreSQL's binary format, one after another in one buffer.
struct PostgreSQLBinds {
    /// The types we send. NULL has none: the server takes the one that the statement expects there.
    private enum TypeID {
        static let unknown: UInt32 = 0
        static let bytea: UInt32 = 17
        static let int8: UInt32 = 20
        static let text: UInt32 = 25
        static let float8: UInt32 = 701
    }

    private(set) var types: [UInt32] = []
    private var bytes: [UInt8] = []
    /// Where each bind begins in `bytes`; `nil` for NULL.
    private var starts: [Int?] = []
    private var lengths: [Int32] = []

    init(_ values: [SQLValue]) {
        for value in values { append(value) }
    }

    private mutating func append(_ value: SQLValue) {
        let start = bytes.count
        switch value {
        case .null: types.append(TypeID.unknown)
        case .integer(let number):
            types.append(TypeID.int8)
            append(bigEndian: UInt64(bitPattern: number))
        case .double(let number):
            types.append(TypeID.float8)
            append(bigEndian: number.bitPattern)
        case .text(let text):
            types.append(TypeID.text)
            bytes += text.utf8
        case .blob(let blob):
            types.append(TypeID.bytea)
            bytes += blob
        }
        starts.append(value == .null ? nil : start)
        lengths.append(Int32(clamping: bytes.count - start))
    }

    private mutating func append(bigEndian number: UInt64) {
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    /// Calls `body` with what libpq takes: pointers, lengths and formats.
    func with<Value>(
        _ body: ([UnsafePointer<CChar>?], [Int32], [Int32]) -> Value
    ) -> Value {
        // An empty array has no address, and a null pointer would be NULL.
        (bytes.isEmpty ? [0] : bytes).withUnsafeBytes { buffer in
            let base = buffer.bindMemory(to: CChar.self).baseAddress
            let pointers = starts.map { start in start.flatMap { offset in base.map { $0 + offset } } }
            return body(pointers, lengths, [Int32](repeating: 1, count: starts.count))
        }
    }
}

/// Reads one value that the server sent as text: `count` bytes from `start`, in a column whose type has the server's
/// number `type`.
func postgreSQLValue(_ start: UnsafePointer<CChar>, _ count: Int, type: UInt32) -> SQLValue {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    switch type {
    case 20, 21, 23, 26: return wholeNumber(bytes).map { .integer($0) } ?? text(bytes)  // int8, int2, int4, oid
    case 16: return .integer(bytes.first == UInt8(ascii: "t") ? 1 : 0)  // bool
    case 17: return bytea(bytes).map { .blob($0) } ?? text(bytes)
    case 700, 701: return Double(String(decoding: bytes, as: UTF8.self)).map { .double($0) } ?? text(bytes)
    case 1700:  // numeric: SUM(bigint) is one without a fraction
        if let number = wholeNumber(bytes) { return .integer(number) }
        return Double(String(decoding: bytes, as: UTF8.self)).map { .double($0) } ?? text(bytes)
    default: return text(bytes)
    }
}

private func text(_ bytes: UnsafeRawBufferPointer) -> SQLValue { .text(String(decoding: bytes, as: UTF8.self)) }

/// `nil` for anything but digits with a sign, and beyond 64 bits.
private func wholeNumber(_ bytes: UnsafeRawBufferPointer) -> Int64? {
    let isNegative = bytes.first == UInt8(ascii: "-")
    var number: Int64 = 0
    for byte in bytes.dropFirst(isNegative ? 1 : 0) {
        guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
        let (tens, isTooLarge) = number.multipliedReportingOverflow(by: 10)
        // Downwards, because the smallest number has no positive twin.
        let (next, isTooSmall) = tens.subtractingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
        if isTooLarge || isTooSmall { return nil }
        number = next
    }
    if isNegative { return number }
    return number == .min ? nil : -number
}

/// The output format `hex`: `\x` and two digits per byte.
private func bytea(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    guard bytes.count >= 2, bytes.count % 2 == 0 else { return nil }
    func digit(_ byte: UInt8) -> UInt8 {
        byte <= UInt8(ascii: "9") ? byte - UInt8(ascii: "0") : byte - UInt8(ascii: "a") + 10
    }
    return stride(from: 2, to: bytes.count, by: 2).map { digit(bytes[$0]) << 4 | digit(bytes[$0 + 1]) }
}
