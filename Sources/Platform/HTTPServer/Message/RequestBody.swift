import Kernel

/// Where the bytes of a request's body come from; the transport implements it.
package protocol BodySource: AnyObject, Sendable {
    /// How many bytes ``next()`` has returned so far.
    var received: Int { get }
    /// The next bytes, or `nil` after the last. Suspends until there are some; while nobody asks, nothing is read.
    ///
    /// - Throws: ``HTTPError`` when the body is cut, too slow or wrongly framed; `CancellationError` when the task was
    ///   cancelled.
    func next() async throws -> [UInt8]?
}

/// The body of a request, as it arrives. It can be read once.
///
/// Nobody has to read it: what is not asked for stays in the socket, and the sender waits.
package struct RequestBody: Sendable {
    private let source: (any BodySource)?
    /// What `Content-Length` says; `nil` for a chunked body, 0 when there is none.
    package let length: Int?
    /// More bytes than this are refused; set from the route's ``Limits``.
    var limit = Int.max

    /// No body.
    package static let empty = RequestBody(source: nil, length: 0)

    package init(source: (any BodySource)?, length: Int?) {
        self.source = source
        self.length = length
    }

    /// A body that is already here, for requests that come from no socket.
    package init(_ bytes: [UInt8]) {
        self.init(source: bytes.isEmpty ? nil : BytesSource(bytes), length: bytes.count)
    }

    package var isEmpty: Bool { source == nil }

    /// The next bytes, or `nil` after the last.
    ///
    /// - Throws: ``HTTPError/contentTooLarge(limitBytes:)`` past the route's limit, and what the transport throws.
    package func next() async throws -> [UInt8]? {
        guard let source else { return nil }
        try requireLength(atMost: limit)
        guard let bytes = try await source.next() else { return nil }
        guard source.received <= limit else { throw HTTPError.contentTooLarge(limitBytes: limit) }
        return bytes
    }

    /// The whole body.
    ///
    /// - Throws: ``HTTPError/contentTooLarge(limitBytes:)`` when it is longer than `limit` or the route's limit; a
    ///   declared length is refused before anything is read.
    package func collect(upTo limit: Int) async throws -> [UInt8] {
        try requireLength(atMost: limit)
        guard let first = try await next() else { return [] }
        if let length, first.count == length, first.count <= limit { return first }
        var all = first
        if let length { all.reserveCapacity(length) }
        while let bytes = try await next() {
            all += bytes
            guard all.count <= limit else { break }
        }
        guard all.count <= limit else { throw HTTPError.contentTooLarge(limitBytes: limit) }
        return all
    }

    func requireLength(atMost limit: Int) throws(HTTPError) {
        if let length, length > limit { throw .contentTooLarge(limitBytes: limit) }
    }
}

extension RequestBody: AsyncSequence {
    package struct Iterator: AsyncIteratorProtocol {
        let body: RequestBody
        package mutating func next() async throws -> [UInt8]? { try await body.next() }
    }

    package func makeAsyncIterator() -> Iterator { Iterator(body: self) }
}
