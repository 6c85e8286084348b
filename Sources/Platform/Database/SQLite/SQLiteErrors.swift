internal import CSQLite
import Glibc

extension DatabaseError {
    /// What a result code of SQLite means. Source: https://sqlite.org/rescode.html (extended codes are on).
    static func sqlite(_ code: Int32, on database: OpaquePointer?, sql: String) -> DatabaseError {
        let detail = database.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
        switch code & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED: return .busy
        case SQLITE_CONSTRAINT: return .constraint(constraintKind(code), detail: detail)
        case SQLITE_CORRUPT, SQLITE_NOTADB: return .corrupt(detail: detail)
        case SQLITE_FULL: return .diskFull
        case SQLITE_IOERR: return isOutOfSpace(database) ? .diskFull : .inputOutput(detail: "\(detail) (\(code))")
        case SQLITE_CANTOPEN: return isOutOfSpace(database) ? .diskFull : .unavailable(detail: detail)
        case SQLITE_NOMEM, SQLITE_PERM, SQLITE_AUTH, SQLITE_INTERRUPT, SQLITE_PROTOCOL:
            return .unavailable(detail: "\(detail) (\(code))")
        case SQLITE_READONLY: return .readOnly
        default: return .statement(detail: "\(detail) (\(code))", sql: sql)
        }
    }

    /// After these SQLite may have rolled the whole transaction back, members of the group that did well included.
    var endsSQLiteGroup: Bool {
        switch self {
        case .busy, .corrupt, .diskFull, .inputOutput, .unavailable: true
        default: false
        }
    }

    private static func constraintKind(_ code: Int32) -> Constraint {
        // SQLITE_CONSTRAINT | (n << 8); the macros do not reach Swift.
        switch code >> 8 {
        case 1: .check
        case 3: .foreignKey
        case 5: .notNull
        case 6, 8, 10: .unique
        default: .other
        }
    }

    /// The WAL index is grown with `ftruncate`, whose lack of space SQLite reports as an I/O error.
    private static func isOutOfSpace(_ database: OpaquePointer?) -> Bool {
        guard let database else { return false }
        return [ENOSPC, EDQUOT].contains(sqlite3_system_errno(database))
    }
}
