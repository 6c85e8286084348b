import Kernel

/// What can go wrong with stored bytes.
package enum StorageError: Failure, Equatable {
    /// The key breaks the grammar of ``ObjectKey``.
    case badKey
    /// The line before the storage threads is full.
    case busy
    /// The task was cancelled. Local files are as before; what was on its way to S3 may yet be done there.
    case cancelled
    /// The key is also a folder of other keys, or one of its folders is an object.
    case conflict
    /// No room on the disk, or the quota is used up. Nothing half-written is left.
    case full
    case notFound
    /// The range begins behind the last byte of an object of this many bytes.
    case outOfRange(size: Int)
    /// The disk or service does not work. `reason` is for the log, never for a client.
    case unavailable(reason: String)

    package var status: Int {
        switch self {
        case .badKey: 400
        case .notFound: 404
        case .conflict: 409
        case .outOfRange: 416
        case .busy, .cancelled, .unavailable: 503
        case .full: 507
        }
    }

    package var code: String {
        switch self {
        case .badKey: "bad_object_key"
        case .busy: "storage_busy"
        case .cancelled: "storage_cancelled"
        case .conflict: "object_conflict"
        case .full: "storage_full"
        case .notFound: "object_not_found"
        case .outOfRange: "range_not_satisfiable"
        case .unavailable: "storage_unavailable"
        }
    }

    package var message: String {
        switch self {
        case .badKey: "This is not a valid name for a file. Use letters, digits, '.', '_', '=', '-' and '/'."
        case .busy: "The storage is busy. Try again in a moment."
        case .cancelled: "The work was cancelled."
        case .conflict: "A file cannot have the name of a folder. Choose another name."
        case .full: "The server has no room left for files. Try again later or tell its operator."
        case .notFound: "There is no such file."
        case .outOfRange(let size): "The range lies outside the file's \(size) bytes."
        case .unavailable: "The storage does not answer. Try again in a moment."
        }
    }

    package var retryAfter: Duration? {
        switch self {
        case .busy, .cancelled: .seconds(1)
        case .unavailable: .seconds(5)
        case .full: .seconds(60)
        case .badKey, .conflict, .notFound, .outOfRange: nil
        }
    }

    package var isOutage: Bool {
        switch self {
        case .busy, .unavailable: true
        default: false
        }
    }

    /// Keys do not become free by waiting, so a conflict is permanent here though it answers 409.
    package var isPermanent: Bool {
        switch self {
        case .badKey, .conflict, .notFound, .outOfRange: true
        case .busy, .cancelled, .full, .unavailable: false
        }
    }
}
