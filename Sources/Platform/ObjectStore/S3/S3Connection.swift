import HTTPClient
import Kernel
import Telemetry

/// A request to S3 before it is signed.
struct S3Call: Sendable {
    var method: HTTPMethod
    var url: String
    var headers: HTTPHeaders = [:]
    var body = HTTPRequestBody.none
    /// The SHA-256 of the body.
    var digest = emptyDigest
    /// Bytes that go over the line, which give the operation more time.
    var size = 0
    /// A longer answer is broken off.
    var maxBytes = 1 << 40

    private static let emptyDigest = Digest.sha256([])
}

/// Signs, sends and repeats requests.
struct S3Connection: Sendable {
    /// The answer is longer than the call allows.
    struct TooLarge: Error {
        let limitBytes: Int
    }

    let settings: S3Settings
    let client: HTTPClient
    let time: any TimeSource
    let retries: Counter
    let log: Log
    private let signer: SigV4Signer

    init(_ settings: S3Settings, client: HTTPClient, time: any TimeSource, metrics: Metrics, log: Log) {
        self.settings = settings
        self.client = client
        self.time = time
        self.log = log
        signer = SigV4Signer(settings.credentials, region: settings.region)
        retries = metrics.counter(
            "storage_retries_total",
            "Requests to S3 that were sent again, by what went wrong before.",
            labels: ["reason"],
        )
    }

    /// Sends until there is an answer that no other try would better, or the deadline is near. Each try is signed anew.
    /// `isDone` tells a success, for the answers whose status does not tell it.
    ///
    /// - Throws: `S3Problem` for any answer that is no success, ``StorageError`` when there is none.
    func send(_ call: S3Call, isDone: (HTTPResponse) -> Bool = { $0.isSuccess }) async throws -> HTTPResponse {
        let deadline = time.now + settings.deadline + .seconds(call.size >> 18)
        var attempt = 1
        while true {
            let result = await sendOnce(call, deadline: deadline)
            if case .success(let response) = result, isDone(response) { return response }
            guard let delay = delay(after: attempt, result), time.now + delay < deadline else {
                throw failure(result)
            }
            retries.add(1, reason(result))
            log.warning(
                "S3 request failed and is sent again",
                ["method": call.method.rawValue, "reason": reason(result), "attempt": "\(attempt)"],
            )
            do { try await time.sleep(until: time.now + delay) } catch { throw StorageError.cancelled }
            attempt += 1
        }
    }

    /// A URL that does to an object without credentials what `method` does.
    ///
    /// It is signed as of the last full quarter of `expires`: the same URL is given out for that long, so that caches
    /// know the object again, and ends up to a quarter earlier.
    func presign(_ method: HTTPMethod, _ key: String, at address: S3Address, expires: Duration) -> String {
        let expires = min(expires, .seconds(604_800))  // S3's longest; a quarter of more could be over already
        let quarter = max(expires.milliseconds / 4, 1)
        let moment = Timestamp(milliseconds: time.now.milliseconds / quarter * quarter)
        let url = address.url(key)
        switch settings.linkSignature {
        case .v4: return signer.presign(method, url, expires: expires, at: moment)
        case .oss4:
            // The region that OSS wants in signatures of S3 has `oss-` before it, that of its own has not.
            let region = settings.region.trimmingPrefix("oss-")
            return OSS4Signer(credentials: settings.credentials, region: String(region))
                .presign(method, url, resource: address.resource(key), expires: expires, at: moment)
        }
    }

    private func sendOnce(_ call: S3Call, deadline: Timestamp) async -> Result<HTTPResponse, HTTPClientError> {
        let timeouts = HTTPTimeouts(
            connect: settings.connectTimeout,
            idle: settings.idleTimeout,
            total: max(deadline - time.now, .milliseconds(1)),
        )
        let request = HTTPRequest(
            call.method,
            call.url,
            headers: call.headers,
            body: call.body,
            timeouts: timeouts,
            maxResponseBytes: call.maxBytes,
        )
        do throws(HTTPClientError) {
            return .success(try await client.send(signer.sign(request, payload: .sha256(call.digest), at: time.now)))
        } catch {
            return .failure(error)
        }
    }

    private func delay(after attempt: Int, _ result: Result<HTTPResponse, HTTPClientError>) -> Duration? {
        guard attempt < settings.retry.attempts else { return nil }
        let usual = settings.retry.delay(after: attempt, chance: .random(in: 0...1))
        switch result {
        case .failure(let error): return error.isWorthARetry ? usual : nil
        case .success(let response):
            guard S3Problem(response).isWorthARetry else { return nil }
            return max(settings.retry.demandedDelay(response) ?? .zero, usual)
        }
    }

    private func reason(_ result: Result<HTTPResponse, HTTPClientError>) -> String {
        switch result {
        case .failure(let error): error.code
        case .success(let response): "\(response.status)"
        }
    }

    private func failure(_ result: Result<HTTPResponse, HTTPClientError>) -> any Error {
        switch result {
        case .success(let response): S3Problem(response)
        case .failure(.cancelled): StorageError.cancelled
        case .failure(.busy): StorageError.busy
        case .failure(.tooLarge(let limit)): TooLarge(limitBytes: limit)
        case .failure(let error): StorageError.unavailable(reason: "no answer from S3: \(error)")
        }
    }
}
