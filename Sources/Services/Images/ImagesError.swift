import Kernel

/// What can go wrong for someone who uses the images service.
enum ImagesError: Failure, Equatable {
    case badBucket(String)
    case badField(name: String, reason: String)
    case batchTooLarge(count: Int, limit: Int)
    case deletedSource
    case fileTooLarge(limitBytes: Int)
    case idempotencyKeyReused
    case imageNotFound
    case jobNotFailed(status: String)
    case jobNotFound
    case notCompleted(status: String)
    case notSignedIn
    case notYourBucket
    case notYourImage
    case organizationMismatch
    case permissionDenied(String)
    /// Carries the state of the quota for the answer's headers.
    case quotaExceeded(UploadQuota.State, window: Duration, now: Timestamp)
    case signatureExpired
    case signatureWrong
    case unsupportedType(detected: String, allowed: [String])
    case variantNotFound

    var status: Int {
        switch self {
        case .badBucket, .batchTooLarge: 400
        case .notSignedIn: 401
        case .notYourBucket, .notYourImage, .organizationMismatch, .permissionDenied, .signatureWrong: 403
        case .imageNotFound, .jobNotFound, .variantNotFound: 404
        case .jobNotFailed, .notCompleted: 409
        case .deletedSource, .signatureExpired: 410
        case .fileTooLarge: 413
        case .unsupportedType: 415
        case .badField, .idempotencyKeyReused: 422
        case .quotaExceeded: 429
        }
    }

    /// The original's codes where it had one, ours elsewhere.
    var code: String {
        switch self {
        case .badBucket: "VAL_001"
        case .badField: "VAL_002"
        case .batchTooLarge: "VAL_003"
        case .deletedSource: "source_deleted"
        case .fileTooLarge: "UPLOAD_001"
        case .idempotencyKeyReused: "idempotency_key_reused"
        case .imageNotFound: "STORAGE_001"
        case .jobNotFailed: "JOB_003"
        case .jobNotFound: "JOB_001"
        case .notCompleted: "JOB_002"
        case .notSignedIn: "AUTH_001"
        case .notYourBucket, .notYourImage, .organizationMismatch, .permissionDenied: "AUTH_003"
        case .quotaExceeded: "UPLOAD_003"
        case .signatureExpired: "signature_expired"
        case .signatureWrong: "signature_wrong"
        case .unsupportedType: "UPLOAD_002"
        case .variantNotFound: "STORAGE_002"
        }
    }

    var message: String {
        switch self {
        case .badBucket(let name):
            "Invalid bucket '\(name.prefix(80))'. Use a name of letters, digits, - and _, or "
                + "org-{id}/groups/{id}/, org-{id}/users/{id}/ or org-{id}/system/."
        case .badField(let name, let reason): "\(name): \(reason)"
        case .batchTooLarge(let count, let limit):
            "Maximum \(limit) images per request, and these are \(count). Split them over several requests."
        case .deletedSource: "The uploaded file is no longer kept. Upload the picture again."
        case .fileTooLarge(let limit):
            "File too large. Maximum size: \(size(limit)). Send a smaller picture."
        case .idempotencyKeyReused:
            "This Idempotency-Key was used for another upload. Use a new key for a new picture."
        case .imageNotFound: "Image not found"
        case .jobNotFailed(let status): "Only a failed job can be retried. Current status: \(status)"
        case .jobNotFound: "Job not found"
        case .notCompleted(let status): "Processing not completed. Current status: \(status)"
        case .notSignedIn: "Not authenticated. Send a token in the Authorization header."
        case .notYourBucket: "This bucket belongs to another user."
        case .notYourImage: "You can only delete your own images."
        case .organizationMismatch: "Organization ID mismatch"
        case .permissionDenied(let permission): "Permission denied: \(permission)"
        case .quotaExceeded(let state, let window, _):
            "Rate limit exceeded. Maximum \(state.limit) uploads per \(period(window))"
                + (state.scope == .organization ? " for your organization." : ".")
        case .signatureExpired: "This link has expired. Ask for a new one."
        case .signatureWrong: "This link is not valid."
        case .unsupportedType(let detected, let allowed):
            "Unsupported file type: \(detected). Allowed: \(allowed.joined(separator: ", "))"
        case .variantNotFound: "This size is not there (yet)."
        }
    }

    var retryAfter: Duration? {
        switch self {
        case .quotaExceeded(let state, _, let now): max(.seconds(1), state.nextAt - now)
        case .notCompleted: .seconds(1)
        default: nil
        }
    }

}

/// Such as `10MB`, as the original wrote it.
private func size(_ bytes: Int) -> String {
    bytes % 1_048_576 == 0 ? "\(bytes / 1_048_576)MB" : "\(bytes / 1024)KB"
}

/// Such as `hour` or `5 minutes`.
func period(_ window: Duration) -> String {
    switch window.milliseconds / 60_000 {
    case 60: "hour"
    case 1: "minute"
    case let minutes: "\(minutes) minutes"
    }
}
