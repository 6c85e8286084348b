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
        bytes += String(number).utf8
        bytes += "\r\n".utf8
    }
}
