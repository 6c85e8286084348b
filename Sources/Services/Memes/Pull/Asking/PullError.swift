import Kernel

/// What can go wrong for someone who asks for a pull.
enum PullError: Failure, Equatable {
    /// The same is being pulled already.
    case alreadyRunning(ID<Pull>)
    case bucketNotAllowed
    case invalidSource(reason: String)
    /// The `Idempotency-Key` belongs to another request.
    case keyReused
    case notFound
    case rootNotAllowed
    case sourceUnavailable(reason: String)
    /// What was asked does not fit a pull of this state.
    case wrongState(PullState)

    var status: Int {
        switch self {
        case .invalidSource: 400
        case .bucketNotAllowed, .rootNotAllowed: 403
        case .notFound: 404
        case .alreadyRunning, .wrongState: 409
        case .keyReused: 422
        case .sourceUnavailable: 424
        }
    }

    var code: String {
        switch self {
        case .alreadyRunning: "pull_already_running"
        case .bucketNotAllowed: "bucket_not_allowed"
        case .invalidSource: "invalid_source"
        case .keyReused: "idempotency_key_reused"
        case .notFound: "pull_not_found"
        case .rootNotAllowed: "root_not_allowed"
        case .sourceUnavailable: "source_unavailable"
        case .wrongState: "pull_state"
        }
    }

    var message: String {
        switch self {
        case .alreadyRunning: "The same is being pulled already; see job_id."
        case .bucketNotAllowed: "The profile may not read this bucket. Add it to the profile's buckets."
        case .invalidSource(let reason): "This is no source. \(reason)"
        case .keyReused: "This Idempotency-Key was used for another pull. Use a new key for a new pull."
        case .notFound: "There is no such pull."
        case .rootNotAllowed: "This folder may not be read. Add it, or one above it, to memes.pull.local_roots."
        case .sourceUnavailable(let reason): reason
        case .wrongState(let state): "The pull is \(state.rawValue), so this cannot be done."
        }
    }

    /// Neither waits for anything but its operator.
    var isPermanent: Bool { true }
}
