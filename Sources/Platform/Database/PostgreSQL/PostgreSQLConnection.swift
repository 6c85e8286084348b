internal import CPQ
import Glibc
import Kernel

/// One statement with its binds, on its way to the server.
struct PostgreSQLStep {
    let text: String
    let values: [SQLValue]

    init(_ sql: SQL) { (text, values) = sql.render(for: .postgresql) }

    /// PostgreSQL's texts end at the first NUL, and so do statements in C.
    var isUnsendable: Bool {
        text.utf8.contains(0)
            || values.contains { if case .text(let text) = $0 { text.utf8.contains(0) } else { false } }
    }

    static let begin = PostgreSQLStep("BEGIN READ WRITE")
    static let commit = PostgreSQLStep("COMMIT")
    static let rollBack = PostgreSQLStep("ROLLBACK")
}

/// What became of one step.
enum PostgreSQLOutcome {
    case done(rows: [Row], changes: Int)
    case failed(PostgreSQLFailure)
    /// A step before it failed.
    case skipped
}

/// One connection in pipeline mode and its prepared statements. Every exchange is one way there and back, however
/// many statements it carries. One thread uses it, and blocks.
///
/// Sessions are read-only unless a transaction says otherwise, so that a query that writes is refused.
final class PostgreSQLConnection {
    private struct Key: Hashable {
        let text: String
        let types: [UInt32]
    }

    private final class Statement {
        let name: String
        /// Of the first answer: the server refuses the statement when they would change.
        var columns: [String] = []
        var types: [UInt32] = []
        init(name: String) { self.name = name }
    }

    private struct Sent {
        let key: Key
        let statement: Statement
        let isNew: Bool
    }

    let handle: OpaquePointer
    private let target: PostgreSQLTarget
    private var statements: [Key: Statement] = [:]
    private var named = 0
    /// Whether the open transaction may keep the server busy for any time.
    private var isPatient = false
    /// A list of binds makes a new text for every length: without a limit they would pile up.
    private let cacheLimit = 256

    init(_ target: PostgreSQLTarget) throws(DatabaseError) {
        self.target = target
        handle = try target.connect()
        try prepareSession()
    }

    deinit { PQfinish(handle) }

    private func prepareSession() throws(DatabaseError) {
        guard PQparameterStatus(handle, "server_encoding").map({ String(cString: $0) }) == "UTF8" else {
            throw .unavailable(detail: "the database is not encoded in UTF8; create it with ENCODING 'UTF8'")
        }
        let settings = target.settings
        let result = PQexec(
            handle,
            """
            SET default_transaction_read_only = on; SET default_transaction_isolation = 'read committed';
            SET statement_timeout = \(settings.statementTimeout.milliseconds);
            SET lock_timeout = \(settings.lockTimeout.milliseconds);
            SET idle_in_transaction_session_timeout = \(settings.statementTimeout.milliseconds);
            SET bytea_output = 'hex'; SET TimeZone = 'UTC'
            """,
        )
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COMMAND_OK, PQenterPipelineMode(handle) == 1 else {
            throw .unavailable(detail: target.message(of: handle))
        }
    }

    /// Whether the server has hung up meanwhile; looks at what has arrived and does not wait.
    var isLost: Bool {
        // Between exchanges nothing but notices and the server's farewell can arrive; the end is read after it.
        PQconsumeInput(handle) == 0 || PQconsumeInput(handle) == 0 || PQstatus(handle) != CONNECTION_OK
    }

    /// Whether a transaction is open, failed or not.
    var isInTransaction: Bool {
        [PQTRANS_INTRANS, PQTRANS_INERROR].contains(PQtransactionStatus(handle))
    }

    /// Sends the steps together and waits for all answers. A step that fails ends the exchange: those after it are
    /// skipped, and without a `BEGIN` so is the effect of those before it.
    func exchange(_ steps: [PostgreSQLStep]) -> [PostgreSQLOutcome] {
        let good = steps.prefix { !$0.isUnsendable }
        var outcomes = sendAndReceive(good)
        if good.count < steps.count { outcomes.append(.failed(.refused(.unstorableText))) }
        return outcomes + repeatElement(.skipped, count: steps.count - outcomes.count)
    }

    private func sendAndReceive(_ steps: ArraySlice<PostgreSQLStep>) -> [PostgreSQLOutcome] {
        if steps.isEmpty { return [] }
        // A migration may take long, and says so.
        isPatient = (isPatient && isInTransaction) || steps.contains { $0.text == "SET LOCAL statement_timeout = 0" }
        if statements.count >= cacheLimit { forgetStatements() }
        var sent: [Sent] = []
        for step in steps {
            guard let next = send(step) else { return steps.map { _ in .failed(lost) } }
            sent.append(next)
        }
        guard PQpipelineSync(handle) == 1 else { return steps.map { _ in .failed(lost) } }
        var outcomes = sent.map(receive)
        let end = result()
        defer { PQclear(end) }
        if PQresultStatus(end) != PGRES_PIPELINE_SYNC, case .done? = outcomes.last {
            outcomes[outcomes.count - 1] = .failed(lost)
        }
        return outcomes
    }

    /// Runs one step.
    func run(_ step: PostgreSQLStep) throws(PostgreSQLFailure) -> (rows: [Row], changes: Int) {
        try run([step])
    }

    /// Runs steps together; gives the answer of the last one, or the first failure.
    func run(_ steps: [PostgreSQLStep]) throws(PostgreSQLFailure) -> (rows: [Row], changes: Int) {
        var last: (rows: [Row], changes: Int) = ([], 0)
        for outcome in exchange(steps) {
            switch outcome {
            case .done(let rows, let changes): last = (rows, changes)
            case .failed(let failure): throw failure
            case .skipped: break
            }
        }
        return last
    }

    private var lost: PostgreSQLFailure { .lost(detail: target.message(of: handle)) }

    /// - Returns: `nil` when the connection takes nothing any more.
    private func send(_ step: PostgreSQLStep) -> Sent? {
        let binds = PostgreSQLBinds(step.values)
        let key = Key(text: step.text, types: binds.types)
        let known = statements[key]
        let statement = known ?? newStatement(for: key)
        let count = Int32(binds.types.count)
        if known == nil, PQsendPrepare(handle, statement.name, step.text, count, binds.types) == 0 { return nil }
        let isSent = binds.with { pointers, lengths, formats in
            PQsendQueryPrepared(handle, statement.name, count, pointers, lengths, formats, 0)
        }
        return isSent == 1 ? Sent(key: key, statement: statement, isNew: known == nil) : nil
    }

    private func newStatement(for key: Key) -> Statement {
        named += 1
        let statement = Statement(name: "s\(named)")
        statements[key] = statement
        return statement
    }

    private func forgetStatements() {
        statements.removeAll()
        _ = exchange([PostgreSQLStep("DEALLOCATE ALL")])
    }

    private func receive(_ sent: Sent) -> PostgreSQLOutcome {
        if sent.isNew {
            let prepared = outcome(of: sent)
            guard case .done = prepared else {
                statements[sent.key] = nil
                _ = nextResult().map { PQclear($0) }
                return prepared
            }
        }
        let outcome = outcome(of: sent)
        if case .failed(.stalePlan) = outcome { statements[sent.key] = nil }
        return outcome
    }

    /// The next answer, and the mark behind it.
    private func nextResult() -> OpaquePointer? {
        guard let first = result() else { return nil }
        while let more = result() { PQclear(more) }
        return first
    }

    /// The next result. A server that has been silent for longer than it lets a statement run is given up: the
    /// connection is cut, and libpq tells of it.
    private func result() -> OpaquePointer? {
        let silence = target.settings.statementTimeout + target.settings.networkTimeout
        let deadline = ContinuousClock.now + silence
        while PQisBusy(handle) == 1 {
            let left = deadline - .now
            guard left > .zero || isPatient else {
                shutdown(PQsocket(handle), Int32(SHUT_RDWR))
                break
            }
            var wait = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
            poll(&wait, 1, Int32(clamping: max(1, (isPatient ? silence : left).milliseconds)))
            if PQconsumeInput(handle) == 0 { break }
        }
        return PQgetResult(handle)
    }

    private func outcome(of sent: Sent) -> PostgreSQLOutcome {
        guard let result = nextResult() else { return .failed(lost) }
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK: return .done(rows: rows(result, sent.statement), changes: changes(result))
        case PGRES_COMMAND_OK where sent.key.text == "COMMIT" && String(cString: PQcmdStatus(result)) == "ROLLBACK":
            return .failed(.refused(.statement(detail: "the transaction had failed before its commit", sql: "COMMIT")))
        case PGRES_COMMAND_OK: return .done(rows: [], changes: changes(result))
        case PGRES_PIPELINE_ABORTED: return .skipped
        default: return .failed(failure(result, sent))
        }
    }

    private func failure(_ result: OpaquePointer, _ sent: Sent) -> PostgreSQLFailure {
        // Without a state the message is libpq's own: there is no connection any more.
        guard let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))) else { return lost }
        let detail = PQresultErrorField(result, Int32(UInt8(ascii: "M"))).map { String(cString: $0) } ?? ""
        let rule = PQresultErrorField(result, Int32(UInt8(ascii: "n"))).map { ": \(String(cString: $0))" } ?? ""
        return .server(
            String(cString: state),
            detail: detail + rule,
            sql: sent.key.text,
            wasPrepared: !sent.isNew,
        )
    }

    private func changes(_ result: OpaquePointer) -> Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

    private func rows(_ result: OpaquePointer, _ statement: Statement) -> [Row] {
        let width = PQnfields(result)
        if statement.columns.isEmpty {
            statement.columns = (0..<width).map { String(cString: PQfname(result, $0)) }
            statement.types = (0..<width).map { PQftype(result, $0) }
        }
        return (0..<PQntuples(result)).map { row in
            let values = (0..<width).map { column in
                guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else {
                    return SQLValue.null
                }
                let count = Int(PQgetlength(result, row, column))
                return postgreSQLValue(start, count, type: statement.types[Int(column)])
            }
            return Row(columns: statement.columns, values: values)
        }
    }
}
