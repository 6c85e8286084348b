import HTTPClient
import Kernel
import Telemetry

/// A bucket of Amazon S3, of Alibaba's OSS through its S3 interface, or of what speaks the same protocol.
package struct S3ObjectSource: ObjectSource {
    private let connection: S3Connection
    private let address: S3Address
    private let prefix: String

    /// - Parameters:
    ///   - settings: Where the bucket is; their own prefix must be empty.
    ///   - prefix: Only keys that begin so are listed; any text.
    ///   - client: Must be allowed to reach the endpoint, also when its address is not public.
    ///   - time: For signatures, deadlines and waits.
    ///   - metrics: Where repetitions are counted.
    ///   - log: Told of requests that are repeated.
    /// - Throws: ``SourceError/refused(reason:)`` when the settings cannot be right.
    package init(
        settings: S3Settings,
        prefix: String,
        client: HTTPClient,
        time: any TimeSource = SystemTime(),
        metrics: Metrics = Metrics(),
        log: Log = .silent,
    ) throws(SourceError) {
        if let problem = settings.problem { throw .refused(reason: problem) }
        connection = S3Connection(settings, client: client, time: time, metrics: metrics, log: log)
        address = S3Address(settings, endpoint: settings.endpoint)
        self.prefix = prefix
    }

    /// A page with broken XML in an answer of status 200 is asked for again. The place is given as the last key, never
    /// as the server's token: tokens end, keys do not.
    package func list(after: String?, limit: Int) async throws(SourceError) -> SourcePage {
        let count = min(max(limit, 1), 1000)
        var query: [(String, String?)] = [("list-type", "2"), ("encoding-type", "url"), ("max-keys", "\(count)")]
        if !prefix.isEmpty { query.append(("prefix", prefix)) }
        if let after { query.append(("start-after", after)) }
        let call = S3Call(method: .get, url: address.url(nil, query))
        let response = try await send(call) { $0.isSuccess && S3Listing($0.body) != nil }
        guard let listing = S3Listing(response.body), listing.continuation == nil || !listing.entries.isEmpty else {
            throw .unavailable(reason: "it answered with no listing", retryAfter: nil)
        }
        let objects = listing.entries.map {
            SourceObject(key: $0.name, size: $0.size, modified: $0.modified, tag: $0.tag)
        }
        return SourcePage(objects: objects, next: listing.continuation == nil ? nil : objects.last?.key)
    }

    package func get(_ key: String, limit: Int) async throws(SourceError) -> [UInt8] {
        // An answer that tells an error may be longer than the object.
        let call = S3Call(method: .get, url: address.url(key), size: limit, maxBytes: max(limit, 65_536))
        let body = try await send(call) { $0.isSuccess }.body
        guard body.count <= limit else { throw .tooLarge(limitBytes: limit) }
        return body
    }

    private func send(_ call: S3Call, isDone: (HTTPResponse) -> Bool) async throws(SourceError) -> HTTPResponse {
        do {
            return try await connection.send(call, isDone: isDone)
        } catch {
            throw SourceError(error)
        }
    }
}

extension SourceError {
    fileprivate init(_ error: any Error) {
        self =
            switch error {
            case let problem as S3Problem: SourceError(problem)
            case StorageError.cancelled: .cancelled
            case StorageError.unavailable(let reason): .unavailable(reason: reason, retryAfter: nil)
            case let limit as S3Connection.TooLarge: .tooLarge(limitBytes: limit.limitBytes)
            case is CancellationError: .cancelled
            default: .unavailable(reason: "\(error)", retryAfter: nil)
            }
    }

    private init(_ problem: S3Problem) {
        guard !problem.isMissingObject else {
            self = .notFound
            return
        }
        let reason: String
        if case .unavailable(let told) = problem.storageError { reason = told } else { reason = "it has no room" }
        self =
            if problem.isWorthARetry {
                .unavailable(reason: reason, retryAfter: problem.retryAfter)
            } else {
                .refused(reason: reason)
            }
    }
}
