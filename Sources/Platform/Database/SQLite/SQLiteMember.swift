import Synchronization

/// One transaction that waits for the writer, whatever its result's type.
protocol SQLiteMember: Sendable {
    /// Runs the body once; the outcome of an earlier run is forgotten.
    ///
    /// - Returns: What the body or one of its statements threw, or `nil`.
    func attempt(in transaction: SQLiteTransaction) -> (any Error)?
    /// Replaces the outcome of the run, such as when the commit failed.
    func fail(_ error: DatabaseError)
    /// Runs the actions for after the commit, when there was one, and lets the caller go on.
    func finish()
}

/// A body, its last outcome and the caller that waits for it.
final class SQLiteCall<Value: Sendable>: SQLiteMember {
    private struct Run {
        var outcome: Result<Value, any Error>?
        var commitActions: [@Sendable () -> Void] = []
    }

    private let body: @Sendable (any Transaction) throws -> Value
    private let caller: @Sendable (Result<Value, any Error>) -> Void
    private let run = Mutex(Run())

    init(
        _ body: @escaping @Sendable (any Transaction) throws -> Value,
        caller: @escaping @Sendable (Result<Value, any Error>) -> Void,
    ) {
        self.body = body
        self.caller = caller
    }

    func attempt(in transaction: SQLiteTransaction) -> (any Error)? {
        var outcome = Result { try body(transaction) }
        if case .success = outcome, let failure = transaction.failure { outcome = .failure(failure) }
        let actions = transaction.commitActions
        run.withLock { [outcome] in $0 = Run(outcome: outcome, commitActions: actions) }
        if case .failure(let error) = outcome { return error }
        return nil
    }

    func fail(_ error: DatabaseError) { run.withLock { $0.outcome = .failure(error) } }

    func finish() {
        let run = self.run.withLock { $0 }
        let outcome = run.outcome ?? .failure(DatabaseError.closed)
        if case .success = outcome {
            for action in run.commitActions { action() }
        }
        caller(outcome)
    }
}
