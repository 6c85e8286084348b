import Kernel

/// What all requests of a client share.
package struct HTTPClientSettings: Sendable {
    package var destinations: HTTPDestinations = .anywhere
    package var userAgent = "Pictor"
    /// Connections to one host; further requests wait. 0 for any number.
    package var connectionsPerHost = 0
    /// Requests under way, waiting ones included; more are refused with ``HTTPClientError/busy``.
    package var maxRequests = 10_000
    /// A file with the certificates to trust instead of the system's.
    package var certificateFile: String?

    package init() {}
}

/// Calls other servers. One thread drives every transfer and keeps connections for the next request; it ends with the
/// last reference to the client. Proxies of the environment are not used, because behind one nobody knows where a
/// connection leads.
package final class HTTPClient: Sendable {
    private let loop: CurlLoop
    private let time: any TimeSource
    private let chance: @Sendable () -> Double

    /// - Parameters:
    ///   - settings: What all requests share.
    ///   - time: For the waits between tries.
    ///   - chance: A random number from 0 to 1, for the waits between tries.
    package init(
        _ settings: HTTPClientSettings = HTTPClientSettings(),
        time: any TimeSource = SystemTime(),
        chance: @escaping @Sendable () -> Double = { .random(in: 0...1) },
    ) {
        loop = CurlLoop(settings)
        self.time = time
        self.chance = chance
    }

    deinit { loop.stop() }

    /// Sends the request and collects the answer. Cancelling the task closes the connection.
    package func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
        try request.validate()
        var attempt = 1
        while true {
            let result = await sendOnce(request)
            guard attempt < request.retry.attempts, let delay = delay(after: attempt, request, result) else {
                return try result.get()
            }
            do {
                try await time.sleep(until: time.now + delay)
            } catch {
                throw .cancelled
            }
            attempt += 1
        }
    }

    /// Sends the request and returns when the head of the answer is there. The body follows as it is read; it is never
    /// sent again, whatever the request says. `maxResponseBytes` holds here too.
    package func stream(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPStreamedResponse {
        try request.validate()
        let channel = BodyChannel()
        let transfer = Transfer(request)
        let head = await perform(transfer) { transfer.begin(streaming: $0, into: channel) }
        let body = HTTPResponseBody(
            BodyReader(
                channel,
                resume: { [loop] in loop.resume(transfer) },
                cancel: { [self] in loop.cancel(transfer) },
            )
        )
        let response = try head.get()
        return HTTPStreamedResponse(status: response.status, headers: response.headers, url: response.url, body: body)
    }

    private func sendOnce(_ request: HTTPRequest) async -> Result<HTTPResponse, HTTPClientError> {
        let transfer = Transfer(request)
        return await perform(transfer) { transfer.begin(collecting: $0) }
    }

    private func perform(
        _ transfer: Transfer,
        _ begin: (Transfer.Continuation) -> Void,
    ) async -> Result<HTTPResponse, HTTPClientError> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                begin(continuation)
                loop.start(transfer)
            }
        } onCancel: {
            loop.cancel(transfer)
        }
    }

    /// How long to wait before another try; `nil` when there shall be none.
    private func delay(
        after attempt: Int,
        _ request: HTTPRequest,
        _ result: Result<HTTPResponse, HTTPClientError>,
    ) -> Duration? {
        guard request.retry.allows(request) else { return nil }
        let usual = request.retry.delay(after: attempt, chance: chance())
        switch result {
        case .failure(let error): return error.isWorthARetry ? usual : nil
        case .success(let response):
            guard HTTPRetry.statuses.contains(response.status) else { return nil }
            guard let demanded = request.retry.demandedDelay(response) else { return usual }
            return demanded <= request.retry.longest ? max(demanded, usual) : nil
        }
    }
}

extension HTTPRequest {
    /// Refuses what could be read differently by us and by libcurl.
    fileprivate func validate() throws(HTTPClientError) {
        let start = url.prefix(8).lowercased()
        guard start.hasPrefix("http://") || start.hasPrefix("https://") else {
            throw .badRequest(reason: "the URL is neither http nor https")
        }
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .badRequest(reason: "the URL has bytes that must be escaped")
        }
        guard headers.isSafe else { throw .badRequest(reason: "a header has bytes that no header may have") }
        // libcurl escapes the names of parts, but not their media types.
        guard case .multipart(let parts) = body else { return }
        guard parts.allSatisfy({ $0.contentType.map(isHeaderValue) ?? true }) else {
            throw .badRequest(reason: "a part's media type has bytes that no header may have")
        }
    }
}
