import Kernel
import Synchronization

/// How often work is done again that came to nothing through no fault of its own.
private let conflictLimit = 8

extension PostgreSQLSlot {
    /// Runs steps that change nothing: on a lost connection or with a stale plan, once more.
    func read(_ steps: [PostgreSQLStep]) throws(DatabaseError) -> [Row] {
        var tries = 0
        while true {
            let connection = try connected()
            do throws(PostgreSQLFailure) {
                return try connection.run(steps).rows
            } catch {
                tries += 1
                guard mayRepeat(error, tries, connection) else { throw error.error }
            }
        }
    }

    /// Runs steps that open a transaction, and undoes them; gives the answer of the last.
    func explain(_ steps: [PostgreSQLStep]) throws(DatabaseError) -> [Row] {
        let connection = try connected()
        defer { rollBack(connection) }
        do throws(PostgreSQLFailure) { return try connection.run(steps).rows } catch { throw error.error }
    }

    /// Runs one writing statement in a transaction that goes to the server and back once.
    func write(_ step: PostgreSQLStep) throws(DatabaseError) -> Int {
        var tries = 0
        while true {
            let connection = try connected()
            let outcomes = connection.exchange([.begin, step, .commit])
            guard let failure = outcomes.firstFailure else {
                if case .done(_, let changes) = outcomes[1] { return changes }
                throw .unavailable(detail: "the server answered out of turn")
            }
            tries += 1
            // The commit was on its way too: whether it happened before the loss, nobody knows.
            if case .lost(let detail) = failure {
                drop()
                throw .unknownOutcome(detail: detail)
            }
            guard mayRepeat(failure, tries, connection) else { throw failure.error }
        }
    }

    /// Runs a body until it is committed or has failed for good.
    func transact<Value>(
        _ body: (any Transaction) throws -> Value
    ) throws -> (value: Value, commitActions: [@Sendable () -> Void]) {
        var tries = 0
        while true {
            let connection = try connected()
            let transaction = PostgreSQLTransaction(connection)
            let result = Result { try body(transaction) }
            if let failure = transaction.failure {
                tries += 1
                if mayRepeat(failure, tries, connection) { continue }
                throw result.error ?? failure.error
            }
            let value: Value
            do { value = try result.get() } catch {
                rollBack(connection)
                throw error
            }
            do throws(PostgreSQLFailure) {
                try transaction.commit()
                return (value, transaction.commitActions)
            } catch {
                tries += 1
                if case .lost(let detail) = error {
                    drop()
                    throw DatabaseError.unknownOutcome(detail: detail)
                }
                guard mayRepeat(error, tries, connection) else { throw error.error }
            }
        }
    }

    /// Cleans up after a failure and says whether the same work may do better: once on a new connection or with a new
    /// plan, a few times after losing to another transaction.
    private func mayRepeat(_ failure: PostgreSQLFailure, _ tries: Int, _ connection: PostgreSQLConnection) -> Bool {
        switch failure {
        case .lost:
            drop()
            return tries == 1
        case .stalePlan:
            rollBack(connection)
            // One statement after another may turn out to be stale.
            return tries <= conflictLimit
        case .conflict:
            rollBack(connection)
            guard tries <= conflictLimit else { return false }
            Semaphore().wait(atMost: .milliseconds(Int64(1) << Int64(tries)) * Double.random(in: 0...1))
            return true
        case .refused:
            rollBack(connection)
            return false
        }
    }

    private func rollBack(_ connection: PostgreSQLConnection) {
        guard connection.isInTransaction else { return }
        do throws(PostgreSQLFailure) { _ = try connection.run(.rollBack) } catch { drop() }
    }
}

extension [PostgreSQLOutcome] {
    fileprivate var firstFailure: PostgreSQLFailure? {
        for case .failed(let failure) in self { return failure }
        return nil
    }
}

extension Result {
    fileprivate var error: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}

/// Work and the caller that waits for it.
final class PostgreSQLCall<Value: Sendable>: PostgreSQLWork {
    private let work: @Sendable (PostgreSQLSlot) throws -> Value
    private let caller: @Sendable (Result<Value, any Error>) -> Void
    private let isCancelled = Atomic(false)

    init(
        _ work: @escaping @Sendable (PostgreSQLSlot) throws -> Value,
        caller: @escaping @Sendable (Result<Value, any Error>) -> Void,
    ) {
        self.work = work
        self.caller = caller
    }

    /// Nobody waits for the answer any more; what has begun goes on.
    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    func run(on slot: PostgreSQLSlot) {
        if isCancelled.load(ordering: .relaxed) { return refuse(.cancelled) }
        caller(Result { try work(slot) })
    }

    func refuse(_ error: DatabaseError) { caller(.failure(error)) }
}
