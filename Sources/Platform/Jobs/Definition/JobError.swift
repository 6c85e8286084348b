import Kernel

/// Why the queue refused or ended something.
package enum JobError: Failure, Equatable {
    /// The stored arguments cannot be read as what the kind expects.
    case badArguments(kind: String, detail: String)
    /// Somebody cancelled the job.
    case cancelled
    /// The processes that ran the job died too often.
    case keepsCrashing(times: Int)
    /// As many jobs wait in the queue as it may hold.
    case queueFull(queue: String, retryAfter: Duration)
    case timedOut(after: Duration)
    /// No definition of this kind was registered.
    case unknownKind(String)

    package var status: Int {
        switch self {
        case .cancelled: 409
        case .queueFull: 503
        case .timedOut: 504
        case .badArguments, .keepsCrashing, .unknownKind: 500
        }
    }

    package var code: String {
        switch self {
        case .badArguments: "bad_arguments"
        case .cancelled: "cancelled"
        case .keepsCrashing: "keeps_crashing"
        case .queueFull: "queue_full"
        case .timedOut: "timeout"
        case .unknownKind: "unknown_job"
        }
    }

    package var message: String {
        switch self {
        case .badArguments, .unknownKind: "Something went wrong on our side."
        case .cancelled: "The work was cancelled."
        case .keepsCrashing(let times): "The work was given up: the process that ran it ended \(times) times."
        case .queueFull: "Too much work is waiting. Try again in a moment."
        case .timedOut(let limit): "The work took longer than \(Int(limit.seconds)) seconds."
        }
    }

    package var retryAfter: Duration? {
        if case .queueFull(_, let wait) = self { wait } else { nil }
    }

    package var isPermanent: Bool {
        switch self {
        case .badArguments, .cancelled, .keepsCrashing, .unknownKind: true
        case .queueFull, .timedOut: false
        }
    }
}

/// The attempt no longer holds its job: it was released after a crash or a stop, cancelled, or runs elsewhere.
/// Whatever it wanted to write was not written.
package struct JobLost: Failure, Equatable {
    package init() {}
    package var status: Int { 409 }
    package var code: String { "job_lost" }
    package var message: String { "The work goes on elsewhere." }
}

/// Thrown by work that must wait (for a quota, a schedule, a partner): the job is put back until `until`, holds no
/// thread meanwhile, and the try does not count.
package struct JobSnooze: Error, Equatable {
    package let until: Timestamp
    package init(until: Timestamp) { self.until = until }
}

/// A failed try, for the hooks and the table.
package struct JobFailure: Sendable, Equatable {
    /// The machine code of the ``Kernel/Failure``, or `internal`.
    package let code: String
    /// Fit for everybody.
    package let message: String
    /// The error in full, for operators only.
    package let detail: String
    package let isPermanent: Bool
    /// Whether the work itself found that no try can succeed. It did not when the job was cancelled or its processes
    /// died: such a job may well be brought back.
    package let isVerdict: Bool
    /// Which try this was, from 1.
    package let attempt: Int
    package let maxAttempts: Int
    /// When the next try may begin; `nil` when there is none.
    package let nextAttemptAt: Timestamp?

    init(_ error: any Error, attempt: Int, maxAttempts: Int, nextAttemptAt: Timestamp?) {
        let failure = error as? any Failure
        code = failure?.code ?? "internal"
        // A NUL that some peer sent would make the failure itself impossible to store.
        message = (failure?.message ?? "Something went wrong on our side.").replacing("\0", with: "\u{FFFD}")
        detail = String("\(error)".prefix(2000)).replacing("\0", with: "\u{FFFD}")
        isPermanent = failure?.isPermanent ?? false
        isVerdict = isPermanent && !(error is JobError)
        self.attempt = attempt
        self.maxAttempts = maxAttempts
        self.nextAttemptAt = nextAttemptAt
    }
}
