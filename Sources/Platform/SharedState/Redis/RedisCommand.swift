/// A command in Redis' wire format (RESP2, arrays of bulk strings).
struct RedisCommand: Sendable {
    enum Part: Sendable, ExpressibleByStringLiteral {
        case bytes([UInt8])
        case number(Int)
        case text(String)

        init(stringLiteral text: String) { self = .text(text) }
    }

    private(set) var bytes: [UInt8] = []

    init(_ parts: Part...) { self.init(parts) }

    init(_ parts: [Part]) {
        bytes.reserveCapacity(128)
        appendHead("*", parts.count)
        for part in parts {
            switch part {
            case .bytes(let content): append(content)
            case .number(let number) where 0..<10 ~= number:
                appendHead("$", 1)
                appendNumber(number)
                bytes += "\r\n".utf8
            case .number(let number): append(String(number).utf8)
            case .text(let text): append(text.utf8)
            }
        }
    }

    private mutating func append(_ content: some Collection<UInt8>) {
        appendHead("$", content.count)
        bytes += content
        bytes += "\r\n".utf8
    }

    private mutating func appendHead(_ mark: Unicode.Scalar, _ number: Int) {
        bytes.append(UInt8(ascii: mark))
        appendNumber(number)
        bytes += "\r\n".utf8
    }

    /// Counts and lengths are short, and there are five in a command: their digits go without a `String`.
    private mutating func appendNumber(_ number: Int) {
        guard 0..<100 ~= number else { return bytes += String(number).utf8 }
        if number >= 10 { bytes.append(UInt8(ascii: "0") + UInt8(number / 10)) }
        bytes.append(UInt8(ascii: "0") + UInt8(number % 10))
    }
}
