/// Why a statement on PostgreSQL came to nothing, before it is known what follows from it.
enum PostgreSQLFailure: Error {
    /// The connection is gone, and with it whatever was not committed.
    case lost(detail: String)
    /// A statement that was prepared earlier no longer fits the schema; prepared anew it may.
    case stalePlan(detail: String, sql: String)
    /// The server gave up the transaction in favour of another; the same one may succeed now.
    case conflict(detail: String)
    case refused(DatabaseError)

    /// What the caller is told when nothing more is tried.
    var error: DatabaseError {
        switch self {
        case .lost(let detail): .unavailable(detail: detail)
        case .stalePlan(let detail, let sql): .statement(detail: detail, sql: sql)
        case .conflict: .busy
        case .refused(let error): error
        }
    }

    /// What an error of the server means, from the five characters of SQLSTATE; `wasPrepared` says that the statement
    /// was prepared before this use of it. Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
    static func server(_ state: String, detail: String, sql: String, wasPrepared: Bool) -> PostgreSQLFailure {
        let text = "\(detail) (\(state))"
        switch state {
        // A standby takes no transaction that writes.
        case "0A000" where sql == PostgreSQLStep.begin.text: return .refused(.readOnly)
        case "0A000" where wasPrepared, "26000": return .stalePlan(detail: text, sql: sql)
        case "40001", "40P01": return .conflict(detail: text)
        // 25P03: the server hung up on a transaction that stood still, as after a pause of this process.
        case "25P03", "57P01", "57P02", "57P03", "57P05": return .lost(detail: text)
        case _ where state.hasPrefix("08"): return .lost(detail: text)
        default: return .refused(databaseError(state, text, sql))
        }
    }

    private static func databaseError(_ state: String, _ detail: String, _ sql: String) -> DatabaseError {
        switch state {
        case "23502": .constraint(.notNull, detail: detail)
        case "23503": .constraint(.foreignKey, detail: detail)
        case "23505": .constraint(.unique, detail: detail)
        case "23514": .constraint(.check, detail: detail)
        case _ where state.hasPrefix("23"): .constraint(.other, detail: detail)
        case "25006": .readOnly
        case "53100": .diskFull
        case _ where state.hasPrefix("53"): .unavailable(detail: detail)
        case "55P03", "57014": .busy
        case "58030", "XX000": .inputOutput(detail: detail)
        case "XX001", "XX002": .corrupt(detail: detail)
        default: .statement(detail: detail, sql: sql)
        }
    }
}
