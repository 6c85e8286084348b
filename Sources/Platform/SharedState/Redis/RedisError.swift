/// Why a command has no answer.
enum RedisError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no connection; the command was never sent.
    case away(String)
    /// Too many commands wait; this one was never sent.
    case busy
    /// The client was closed; the command was never sent.
    case closed
    /// The connection broke or stood still after the command was sent: it may have been done.
    case lost(String)
    /// Redis answered with an error.
    case refused(String)

    /// Whether Redis certainly never saw the command.
    var wasNotSent: Bool {
        switch self {
        case .away, .busy, .closed: true
        case .lost, .refused: false
        }
    }

    /// The kind, for a label.
    var kind: String {
        switch self {
        case .away: "away"
        case .busy: "busy"
        case .closed: "closed"
        case .lost: "lost"
        case .refused: "refused"
        }
    }

    var description: String {
        switch self {
        case .away(let reason): "Redis is away: \(reason)"
        case .busy: "too many commands wait for Redis"
        case .closed: "the connection to Redis was closed"
        case .lost(let reason): "the connection to Redis was lost: \(reason)"
        case .refused(let message): "Redis refused a command: \(message)"
        }
    }
}
