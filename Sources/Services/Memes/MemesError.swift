import Kernel

/// What can go wrong for someone who uses the memes service.
enum MemesError: Failure, Equatable {
    /// A field, parameter or body that cannot be used.
    case badField(name: String, reason: String)
    case batchNotFound
    case libraryNotFound
    case memeNotFound
    /// Another library has this name.
    case nameTaken
    /// The asker may not do this.
    case notAllowed(scope: String)
    case notSignedIn
    /// The database cannot hold the index that the settings ask for.
    case noVectorExtension(String)
    case rateLimited(limit: Int, retryAfter: Duration, resetAfter: Duration)
    case tooLarge(limitBytes: Int)

    var status: Int {
        switch self {
        case .badField: 422
        case .batchNotFound, .libraryNotFound, .memeNotFound: 404
        case .nameTaken: 409
        case .notAllowed: 403
        case .notSignedIn: 401
        case .noVectorExtension: 500
        case .rateLimited: 429
        case .tooLarge: 413
        }
    }

    var code: String {
        switch self {
        case .badField: "invalid_parameter"
        case .batchNotFound: "batch_not_found"
        case .libraryNotFound: "library_not_found"
        case .memeNotFound: "meme_not_found"
        case .nameTaken: "name_taken"
        case .notAllowed: "not_allowed"
        case .notSignedIn: "not_signed_in"
        case .noVectorExtension: "no_vector_extension"
        case .rateLimited: "rate_limited"
        case .tooLarge: "file_too_large"
        }
    }

    var message: String {
        switch self {
        case .badField(let name, let reason): "\(name): \(reason)"
        case .batchNotFound: "There is no such change, or it was taken back already."
        case .libraryNotFound: "There is no such library."
        case .memeNotFound: "There is no such meme."
        case .nameTaken: "Another library has this name. Choose another."
        case .notAllowed(let scope): "This needs a key or token with the permission \(scope)."
        case .noVectorExtension(let reason):
            "search.index is postgres, which needs PostgreSQL with pgvector 0.8 or newer, but \(reason)."
        case .notSignedIn: "Send an API key as X-API-Key."
        case .rateLimited(let limit, _, _): "At most \(limit) requests a minute. Wait a moment."
        case .tooLarge(let limit): "The file is too large. Send at most \(limit / 1_048_576) MiB."
        }
    }

    var retryAfter: Duration? {
        if case .rateLimited(_, let wait, _) = self { wait } else { nil }
    }
}
