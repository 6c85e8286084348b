internal import CHiredis

/// An answer of Redis (RESP2), copied out of hiredis' memory.
enum RedisReply: Sendable, Hashable {
    case array([RedisReply])
    case bytes([UInt8])
    case error(String)
    case integer(Int)
    case null
    case status(String)

    init(_ reply: redisReply) {
        switch reply.type {
        case REDIS_REPLY_ARRAY:
            self = .array((0..<reply.elements).map { reply.element[$0].map { RedisReply($0.pointee) } ?? .null })
        case REDIS_REPLY_ERROR: self = .error(String(decoding: content(of: reply), as: UTF8.self))
        case REDIS_REPLY_INTEGER: self = .integer(Int(reply.integer))
        case REDIS_REPLY_STATUS: self = .status(String(decoding: content(of: reply), as: UTF8.self))
        case REDIS_REPLY_STRING: self = .bytes(content(of: reply))
        default: self = .null
        }
    }

    var array: [RedisReply]? { if case .array(let array) = self { array } else { nil } }
    var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
    var isOK: Bool { self == .status("OK") }

    /// A number, also one that came as text: Lua's numbers are exact to 2^53 only, so scripts answer text.
    var integer: Int? {
        switch self {
        case .integer(let number): number
        case .bytes(let bytes): Int(String(decoding: bytes, as: UTF8.self))
        default: nil
        }
    }
}

private func content(of reply: redisReply) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: reply.str, count: reply.len))
}
