/// Splits multipart/form-data (RFC 7578, RFC 2046 5.1) into parts, piece by piece. Pure: bytes in, events out.
///
/// However the bytes are cut into pieces, the parts are the same.
struct MultipartParser {
    enum Event: Equatable {
        case began(PartHeaders)
        case data(ArraySlice<UInt8>)
        case ended
    }

    private enum State {
        /// Before the first delimiter; what stands there is dropped.
        case preamble
        /// Right behind a delimiter: `--` or the end of the line follows.
        case delimiter
        case headers
        case data
        /// After the closing delimiter; what stands there is dropped.
        case epilogue
    }

    /// One part's headers may be this long.
    private let maxHeaderBytes = 8192
    /// Spaces and tabs that may follow a delimiter on its line.
    private let maxPaddingBytes = 64
    private let delimiter: [UInt8]
    private var state = State.preamble
    /// Bytes that came but could not be judged yet. It begins with a line end, so that the first delimiter looks like
    /// all others.
    private var rest: ArraySlice<UInt8> = [13, 10]

    init(boundary: String) { delimiter = Array("\r\n--\(boundary)".utf8) }

    /// Whether the closing delimiter was seen.
    var isComplete: Bool { state == .epilogue }

    /// Takes the next piece.
    ///
    /// - Returns: What it completed, in order. The data of a part may come in any number of events.
    mutating func feed(_ bytes: [UInt8]) throws(HTTPError) -> [Event] {
        if rest.isEmpty { rest = bytes[...] } else { rest += bytes }
        var events: [Event] = []
        while try step(&events) {}
        if !rest.isEmpty, rest.startIndex > 0 { rest = Array(rest)[...] }
        return events
    }

    /// Consumes what it can; returns whether to go on.
    private mutating func step(_ events: inout [Event]) throws(HTTPError) -> Bool {
        switch state {
        case .preamble, .data: takeData(&events)
        case .delimiter: try takeDelimiterEnd()
        case .headers: try takeHeaders(&events)
        case .epilogue: dropEpilogue()
        }
    }

    private mutating func takeData(_ events: inout [Event]) -> Bool {
        let found = rest.firstIndex(of: delimiter)
        // The last bytes may be the beginning of a delimiter.
        let end = found ?? max(rest.startIndex, rest.endIndex - delimiter.count + 1)
        if state == .data {
            if end > rest.startIndex { events.append(.data(rest[rest.startIndex..<end])) }
            if found != nil { events.append(.ended) }
        }
        guard found != nil else {
            rest = rest[end...]
            return false
        }
        rest = rest[(end + delimiter.count)...]
        state = .delimiter
        return true
    }

    private mutating func takeDelimiterEnd() throws(HTTPError) -> Bool {
        guard rest.count >= 2 else { return false }
        if rest.starts(with: "--".utf8) {
            state = .epilogue
            return true
        }
        let line = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        guard line.startIndex - rest.startIndex <= maxPaddingBytes else { throw malformed }
        guard line.count >= 2 else {
            if let byte = line.first, byte != 13 { throw malformed }
            return false
        }
        guard line.starts(with: [13, 10]) else { throw malformed }
        // The line end stays: it makes a part without headers look like the end of headers.
        rest = line
        state = .headers
        return true
    }

    private mutating func takeHeaders(_ events: inout [Event]) throws(HTTPError) -> Bool {
        guard let end = rest.firstIndex(of: [13, 10, 13, 10]) else {
            // Up to three bytes of the end may be here already.
            guard rest.count <= maxHeaderBytes + 3 else {
                throw .badRequest("The headers of a form part are too long.")
            }
            return false
        }
        guard end - rest.startIndex <= maxHeaderBytes else {
            throw .badRequest("The headers of a form part are too long.")
        }
        events.append(.began(try PartHeaders(rest[rest.startIndex..<end])))
        rest = rest[(end + 4)...]
        state = .data
        return true
    }

    private mutating func dropEpilogue() -> Bool {
        rest = []
        return false
    }

    private var malformed: HTTPError { .badRequest("The form's parts are not separated as its boundary says.") }
}
