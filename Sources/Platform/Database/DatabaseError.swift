import Kernel

/// What can go wrong between us and the engine. The details are for logs; `message` shows none of them.
package enum DatabaseError: Failure, Equatable {
    /// Which rule of the schema a statement broke.
    package enum Constraint: String, Sendable {
        case unique, foreignKey, check, notNull, other
    }

    /// Another connection held the lock for longer than the busy timeout.
    case busy
    /// The task was cancelled before its query began.
    case cancelled
    /// The database was closed, or was never reachable.
    case closed
    /// A statement broke a rule of the schema. `detail` is the engine's own name for it.
    case constraint(Constraint, detail: String)
    case corrupt(detail: String)
    /// A column is missing or holds something else than the reader expected.
    case decoding(column: String, expected: String, found: String)
    /// No space left; nothing of the transaction was kept.
    case diskFull
    /// The disk failed for another reason than lack of space.
    case inputOutput(detail: String)
    /// More work waits than the database may hold in memory.
    case overloaded
    /// A write where only reads are allowed, or a file system mounted read-only.
    case readOnly
    /// The engine refused the statement itself: our mistake.
    case statement(detail: String, sql: String)
    case unavailable(detail: String)
    /// The connection was lost during the commit: everything was kept or nothing, and nobody knows which. Undo nothing
    /// that the commit may need; a repetition must be harmless.
    case unknownOutcome(detail: String)
    /// A text holds a NUL character, which PostgreSQL cannot store; SQLite could, but refuses it for the same answer.
    case unstorableText

    package var status: Int {
        switch self {
        case .busy, .closed, .overloaded, .readOnly, .unavailable, .unknownOutcome: 503
        case .cancelled: 499
        case .constraint(.unique, _), .constraint(.foreignKey, _): 409
        case .constraint, .corrupt, .decoding, .inputOutput, .statement: 500
        case .diskFull: 507
        case .unstorableText: 422
        }
    }

    package var code: String {
        switch self {
        case .busy, .overloaded: "database_busy"
        case .cancelled: "cancelled"
        case .closed, .unavailable, .unknownOutcome: "database_unavailable"
        case .constraint(.unique, _), .constraint(.foreignKey, _): "conflict"
        case .constraint, .decoding, .statement: "internal"
        case .corrupt, .inputOutput: "database_damaged"
        case .diskFull: "disk_full"
        case .readOnly: "database_read_only"
        case .unstorableText: "unstorable_text"
        }
    }

    package var message: String {
        switch self {
        case .busy, .overloaded: "The database is busy. Try again in a moment."
        case .cancelled: "The request was cancelled."
        case .closed, .unavailable, .unknownOutcome: "The database is not available. Try again in a moment."
        case .constraint(.unique, _): "Something with this key exists already."
        case .constraint(.foreignKey, _): "Something that this refers to does not exist, or is still in use."
        case .constraint, .decoding, .statement: "Something went wrong on our side."
        case .corrupt, .inputOutput: "The database could not be read or written. The operator must look at it."
        case .diskFull: "The server has no space left. Nothing was stored; try again when the operator made room."
        case .readOnly: "The database accepts no writes now."
        case .unstorableText: "A text contains a NUL character, which cannot be stored."
        }
    }

    package var retryAfter: Duration? {
        switch self {
        case .busy, .overloaded: .seconds(1)
        case .closed, .readOnly, .unavailable, .unknownOutcome: .seconds(5)
        case .diskFull: .seconds(60)
        default: nil
        }
    }

    package var isOutage: Bool {
        switch self {
        case .busy, .closed, .overloaded, .unavailable, .unknownOutcome: true
        default: false
        }
    }

    /// Wrong statements, broken rules and damaged files stay wrong; locks, full disks and lost connections pass.
    package var isPermanent: Bool {
        switch self {
        case .constraint(.unique, _), .constraint(.foreignKey, _): false
        case .constraint, .corrupt, .decoding, .statement, .unstorableText: true
        default: false
        }
    }
}
