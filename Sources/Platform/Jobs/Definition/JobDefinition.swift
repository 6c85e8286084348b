import Database
import FoundationEssentials
import Kernel

/// What a job needs to know. Stored as JSON, so a field may be added as an optional, never renamed.
package protocol JobArguments: Codable, Sendable {
    /// The name in the table, such as `images.make_variants`; it never changes.
    static var kind: String { get }
}

/// The change that a finished job makes. It runs in the transaction that marks the job done, and only if the job is
/// still held by the attempt that asks: a crash repeats the work, never the effect.
package typealias JobEffect = @Sendable (any Transaction) throws -> Void

/// For jobs whose work leaves nothing to write.
package let noEffect: JobEffect = { _ in }

/// The work of one claimed job, which knows its arguments.
typealias JobWork = @Sendable (JobContext) async throws -> JobEffect

/// One kind of job: its arguments, its rules and its work.
package struct JobDefinition<Arguments: JobArguments>: Sendable {
    let queue: String
    let retry: RetryPolicy
    let timeout: Duration
    let keepFinished: Duration
    let breaker: CircuitBreaker?
    let begin: @Sendable (String, any Transaction) throws -> JobWork
    let onRetry: @Sendable (Arguments, JobFailure, any Transaction) throws -> Void
    let onDead: @Sendable (Arguments, JobFailure, any Transaction) throws -> Void
    let onRequeue: @Sendable (Arguments, any Transaction) throws -> Void
    var onDiscard: @Sendable (Arguments) async throws -> Void = { _ in }

    /// - Parameters:
    ///   - type: The arguments; their `kind` names the job.
    ///   - queue: The line it waits in; its concurrency is set in ``JobSettings/queues``.
    ///   - retry: How often and how soon a failed try is repeated.
    ///   - timeout: How long one try may take. Then its task is cancelled and the try has failed.
    ///   - keepFinished: How long the row stays after success; zero deletes it in the finishing transaction.
    ///   - breaker: Pauses the kind when it keeps failing; `nil` for never.
    ///   - onRequeue: Runs in the transaction that brings a dead or cancelled job back, to undo what `onDead` wrote.
    ///   - onRetry: Runs in the transaction that records a failed try which will be repeated.
    ///   - onDead: Runs in the transaction that gives a job up, also when it is cancelled (`code` is `cancelled`).
    ///   - work: May run twice for one job (after a crash), so everything that must not is in the effect it returns
    ///     or in ``JobContext/transaction(_:)``. A permanent ``Kernel/Failure`` is not retried; ``JobSnooze``
    ///     and a failure that is postponed wait without using up a try.
    package init(
        _ type: Arguments.Type,
        queue: String,
        retry: RetryPolicy = .exponential(),
        timeout: Duration,
        keepFinished: Duration = .seconds(86_400),
        breaker: CircuitBreaker? = nil,
        onRequeue: @escaping @Sendable (Arguments, any Transaction) throws -> Void = { _, _ in },
        onRetry: @escaping @Sendable (Arguments, JobFailure, any Transaction) throws -> Void = { _, _, _ in },
        onDead: @escaping @Sendable (Arguments, JobFailure, any Transaction) throws -> Void = { _, _, _ in },
        work: @escaping @Sendable (Arguments, JobContext) async throws -> JobEffect,
    ) {
        self.queue = queue
        self.retry = retry
        self.timeout = timeout
        self.keepFinished = keepFinished
        self.breaker = breaker
        self.onRetry = onRetry
        self.onDead = onDead
        self.onRequeue = onRequeue
        // Not read on the thread of the transaction: others wait for it.
        begin = { arguments, _ in { try await work(decode(arguments), $0) } }
    }

    /// For work that begins with reading or noting something: that rides in the transaction of the claim.
    ///
    /// - Parameters:
    ///   - type: The arguments; their `kind` names the job.
    ///   - queue: The line it waits in.
    ///   - retry: How often and how soon a failed try is repeated.
    ///   - timeout: How long one try may take.
    ///   - keepFinished: How long the row stays after success; zero deletes it in the finishing transaction.
    ///   - breaker: Pauses the kind when it keeps failing; `nil` for never.
    ///   - onRequeue: Runs in the transaction that brings a dead or cancelled job back.
    ///   - onRetry: Runs in the transaction that records a failed try which will be repeated.
    ///   - onDead: Runs in the transaction that gives a job up.
    ///   - onDiscard: Runs after a try whose effect is not written, before the end of the try is: for files which it may have
    ///     made and nobody knows of. The job may be held by somebody else by then.
    ///   - begin: Runs in the transaction that claims the job, and gives what the work needs; `nil` when there is nothing
    ///     left to do. It runs for every claim of a job, so it may find its own notes. What it throws is the failure of
    ///     the try.
    ///   - work: Gets what `begin` gave; otherwise as in the other initializer.
    package init<Subject: Sendable>(
        _ type: Arguments.Type,
        queue: String,
        retry: RetryPolicy = .exponential(),
        timeout: Duration,
        keepFinished: Duration = .seconds(86_400),
        breaker: CircuitBreaker? = nil,
        onRequeue: @escaping @Sendable (Arguments, any Transaction) throws -> Void = { _, _ in },
        onRetry: @escaping @Sendable (Arguments, JobFailure, any Transaction) throws -> Void = { _, _, _ in },
        onDead: @escaping @Sendable (Arguments, JobFailure, any Transaction) throws -> Void = { _, _, _ in },
        onDiscard: @escaping @Sendable (Arguments) async throws -> Void = { _ in },
        begin: @escaping @Sendable (Arguments, any Transaction) throws -> Subject?,
        work: @escaping @Sendable (Subject, JobContext) async throws -> JobEffect,
    ) {
        self.queue = queue
        self.retry = retry
        self.timeout = timeout
        self.keepFinished = keepFinished
        self.breaker = breaker
        self.onRetry = onRetry
        self.onDead = onDead
        self.onRequeue = onRequeue
        self.onDiscard = onDiscard
        self.begin = { arguments, transaction in
            guard let subject = try begin(decode(arguments), transaction) else { return { _ in noEffect } }
            return { try await work(subject, $0) }
        }
    }
}

/// A definition without its arguments' type: they come as the JSON text of the row.
struct RegisteredJob: Sendable {
    let kind: String
    let queue: String
    let retry: RetryPolicy
    let timeout: Duration
    let keepFinished: Duration
    let breaker: CircuitBreaker?
    let begin: @Sendable (String, any Transaction) throws -> JobWork
    let onRetry: @Sendable (String, JobFailure, any Transaction) throws -> Void
    let onDead: @Sendable (String, JobFailure, any Transaction) throws -> Void
    let onRequeue: @Sendable (String, any Transaction) throws -> Void
    let onDiscard: @Sendable (String) async throws -> Void

    init<Arguments>(_ definition: JobDefinition<Arguments>) {
        kind = Arguments.kind
        queue = definition.queue
        retry = definition.retry
        timeout = definition.timeout
        keepFinished = definition.keepFinished
        breaker = definition.breaker
        begin = definition.begin
        onRetry = { try definition.onRetry(decode($0), $1, $2) }
        onDead = { try definition.onDead(decode($0), $1, $2) }
        onRequeue = { try definition.onRequeue(decode($0), $1) }
        onDiscard = { try await definition.onDiscard(decode($0)) }
    }
}

func encode(_ arguments: some JobArguments) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(arguments), as: UTF8.self)
}

func decode<Arguments: JobArguments>(_ text: String) throws(JobError) -> Arguments {
    do {
        return try JSONDecoder().decode(Arguments.self, from: Data(text.utf8))
    } catch {
        throw .badArguments(kind: Arguments.kind, detail: "\(error)")
    }
}
