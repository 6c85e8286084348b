/// Whether a byte may stand in a token: names of headers and methods (RFC 9110, 5.6.2).
@inline(__always)
func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0..<64: lowTokenBytes &>> UInt64(byte) & 1 == 1
    case 64..<128: highTokenBytes &>> UInt64(byte &- 64) & 1 == 1
    default: false
    }
}

/// One bit for each of ``!#$%&'*+-.`` and the digits.
private let lowTokenBytes: UInt64 = 0x03FF_6CFA_0000_0000
/// One bit, from 64 up, for each letter and ``^_`|~``.
private let highTokenBytes: UInt64 = 0x57FF_FFFF_C7FF_FFFE

/// A byte that no header value may hold: controls except the tab (RFC 9110, 5.5).
@inline(__always)
func isControlByte(_ byte: UInt8) -> Bool { (byte < 0x20 && byte != 0x09) || byte == 0x7F }

/// Whether both are equal when ASCII letters count the same in either case.
func equalWithoutCase(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where lowercased(left[index]) != lowercased(right[index]) { return false }
    return true
}

@inline(__always)
private func lowercased(_ byte: UInt8) -> UInt8 { byte &- 65 < 26 ? byte | 0x20 : byte }

/// `text` without spaces and tabs at both ends.
func trimmed(_ text: Substring) -> Substring {
    let start = text.drop { $0 == " " || $0 == "\t" }
    guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
    return start[...end]
}

/// The value of a hexadecimal digit.
@inline(__always)
func hexadecimalValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}

/// Appends a whole number in decimal, without a string between.
func appendDecimal(_ number: Int, to out: inout [UInt8]) {
    guard number >= 10 else { return out.append(UInt8(ascii: "0") + UInt8(number)) }
    appendDecimal(number / 10, to: &out)
    out.append(UInt8(ascii: "0") + UInt8(number % 10))
}

/// A whole number that is not negative, in decimal; without `snprintf`, which interpolation calls.
func decimalText(_ number: Int) -> String {
    // What fits a string without an allocation.
    guard number < 1_000_000_000_000_000 else { return "\(number)" }
    return String(unsafeUninitializedCapacity: 15) { buffer in
        var rest = number
        var start = buffer.count
        repeat {
            start -= 1
            buffer[start] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        } while rest > 0
        let count = buffer.count - start
        for index in 0..<count { buffer[index] = buffer[start + index] }
        return count
    }
}
