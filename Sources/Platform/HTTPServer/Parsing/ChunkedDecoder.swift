/// Takes the chunks off a body (RFC 9112, 7.1), piece by piece. Pure: however the bytes are cut, the result is the same.
///
/// Strict: sizes are 1 to 8 hexadecimal digits, lines end with CRLF. Extensions and trailers are dropped, within limits.
struct ChunkedDecoder {
    private enum State {
        case size, sizeEnd, lineFeed
        case data(left: Int)
        case dataEnd, dataLineFeed
        case trailer, trailerLineFeed, lastLineFeed
        case complete
    }

    /// Bytes of all extensions and trailers together: they are no data, so no limit of a body counts them.
    private let maxExtraBytes = 16_384
    private var state = State.size
    private var size = 0
    private var digits = 0
    private var extraBytes = 0
    private var isTrailerLineEmpty = true

    /// Whether the last chunk and the trailers have come.
    var isComplete: Bool { if case .complete = state { true } else { false } }

    /// Takes bytes from `input` until it is used up or the body is complete, and appends their data to `output`.
    ///
    /// - Returns: How many bytes of `input` were taken.
    /// - Throws: ``HTTPError/badRequest(_:)`` when the chunks are malformed.
    mutating func decode(_ input: ArraySlice<UInt8>, into output: inout [UInt8]) throws(HTTPError) -> Int {
        var index = input.startIndex
        while index < input.endIndex, !isComplete {
            if case .data(let left) = state {
                let end = min(input.endIndex, index + left)
                output += input[index..<end]
                state = left == end - index ? .dataEnd : .data(left: left - (end - index))
                index = end
            } else {
                try take(input[index])
                index += 1
            }
        }
        return index - input.startIndex
    }

    private mutating func take(_ byte: UInt8) throws(HTTPError) {
        switch state {
        case .size: try takeSize(byte)
        case .sizeEnd: try takeExtension(byte)
        case .lineFeed: try expect(10, byte, then: size > 0 ? .data(left: size) : .trailer)
        case .dataEnd: try expect(13, byte, then: .dataLineFeed)
        case .dataLineFeed:
            try expect(10, byte, then: .size)
            (size, digits) = (0, 0)
        case .trailer: try takeTrailer(byte)
        case .trailerLineFeed: try expect(10, byte, then: .trailer)
        case .lastLineFeed: try expect(10, byte, then: .complete)
        case .data, .complete: preconditionFailure("handled by decode")
        }
    }

    private mutating func takeSize(_ byte: UInt8) throws(HTTPError) {
        if let digit = hexadecimalValue(byte), digits < 8 {
            size = size << 4 | Int(digit)
            digits += 1
        } else if digits > 0, byte == UInt8(ascii: ";") {
            state = .sizeEnd
        } else {
            guard digits > 0 else { throw malformed }
            try expect(13, byte, then: .lineFeed)
        }
    }

    private mutating func takeExtension(_ byte: UInt8) throws(HTTPError) {
        if byte == 13 { return state = .lineFeed }
        try countExtra(byte)
    }

    private mutating func takeTrailer(_ byte: UInt8) throws(HTTPError) {
        if byte == 13 {
            state = isTrailerLineEmpty ? .lastLineFeed : .trailerLineFeed
            isTrailerLineEmpty = true
            return
        }
        isTrailerLineEmpty = false
        try countExtra(byte)
    }

    private mutating func countExtra(_ byte: UInt8) throws(HTTPError) {
        extraBytes += 1
        guard !isControlByte(byte), extraBytes <= maxExtraBytes else { throw malformed }
    }

    private mutating func expect(_ wanted: UInt8, _ byte: UInt8, then next: State) throws(HTTPError) {
        guard byte == wanted else { throw malformed }
        state = next
    }

    private var malformed: HTTPError { .badRequest("The chunks of the body are malformed.") }
}
