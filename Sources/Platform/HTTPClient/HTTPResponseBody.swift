/// The pieces of a body, as they come. For one reader.
package struct HTTPResponseBody: AsyncSequence, Sendable {
    package typealias Element = [UInt8]
    package typealias Failure = HTTPClientError

    private let reader: BodyReader

    init(_ reader: BodyReader) { self.reader = reader }

    package func makeAsyncIterator() -> Iterator { Iterator(reader: reader) }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let reader: BodyReader

        /// The next piece, at most 64 KiB; `nil` after the last one.
        package mutating func next() async throws(HTTPClientError) -> [UInt8]? {
            try await reader.next()
        }

        /// The next piece, for loops inside of actors.
        package mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(HTTPClientError) -> [UInt8]? {
            try await reader.next()
        }
    }
}

/// Ends the transfer when nobody holds the body any more.
final class BodyReader: Sendable {
    private let channel: BodyChannel
    private let resume: @Sendable () -> Void
    private let cancel: @Sendable () -> Void

    init(_ channel: BodyChannel, resume: @escaping @Sendable () -> Void, cancel: @escaping @Sendable () -> Void) {
        self.channel = channel
        self.resume = resume
        self.cancel = cancel
    }

    deinit { cancel() }

    func next() async throws(HTTPClientError) -> [UInt8]? {
        let result = await withTaskCancellationHandler {
            await channel.next(resume)
        } onCancel: {
            cancel()
        }
        return try result.get()
    }
}
