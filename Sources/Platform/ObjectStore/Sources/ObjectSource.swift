import Kernel

/// Bytes of others, by whatever names they gave them: a bucket or a folder that is read and never written.
package protocol ObjectSource: Sendable {
    /// A page of what lies there, in the order of the bytes of the keys.
    ///
    /// Only keys behind `after` are listed, which need not exist any more; `limit` is 1...1,000.
    func list(after: String?, limit: Int) async throws(SourceError) -> SourcePage

    /// All bytes of the object.
    ///
    /// - Throws: ``SourceError/tooLarge(limitBytes:)`` for one of more than `limit` bytes, before all have come.
    func get(_ key: String, limit: Int) async throws(SourceError) -> [UInt8]
}

/// What a listing tells of an object.
package struct SourceObject: Sendable, Equatable {
    /// The whole name within the bucket or the folder. Compare its UTF-8, because Swift takes different bytes of the
    /// same character for equal.
    package let key: String
    /// In bytes.
    package let size: Int
    package let modified: Timestamp
    /// Changes with the bytes; no hash of them that could be relied on. Empty where the source has none.
    package let tag: String

    package init(key: String, size: Int, modified: Timestamp, tag: String = "") {
        self.key = key
        self.size = size
        self.modified = modified
        self.tag = tag
    }
}

/// Part of a listing.
package struct SourcePage: Sendable, Equatable {
    package let objects: [SourceObject]
    /// What to give as `after` for the next page; `nil` when this is the last one.
    package let next: String?
}

/// Why something cannot be read from a source.
package enum SourceError: Failure, Equatable {
    /// The task was cancelled.
    case cancelled
    /// There is no such object, or it has gone.
    case notFound
    /// The source will not answer differently: wrong keys, no such bucket or folder. `reason` is for its operator.
    case refused(reason: String)
    /// The object has more bytes than wanted.
    case tooLarge(limitBytes: Int)
    /// It does not answer now, or not sensibly. `reason` is for its operator.
    case unavailable(reason: String, retryAfter: Duration?)

    package var status: Int {
        switch self {
        case .notFound: 404
        case .tooLarge: 413
        case .refused: 424
        case .cancelled, .unavailable: 503
        }
    }

    package var code: String {
        switch self {
        case .cancelled: "source_cancelled"
        case .notFound: "source_object_gone"
        case .refused: "source_refused"
        case .tooLarge: "source_object_too_large"
        case .unavailable: "source_unavailable"
        }
    }

    package var message: String {
        switch self {
        case .cancelled: "The work was cancelled."
        case .notFound: "The object is no longer there."
        case .refused(let reason): "The source refuses: \(reason)."
        case .tooLarge(let limit): "The object has more than \(limit) bytes."
        case .unavailable(let reason, _): "The source does not answer: \(reason)."
        }
    }

    package var retryAfter: Duration? {
        if case .unavailable(_, let wait) = self { wait } else { nil }
    }
}
