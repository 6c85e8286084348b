import HTTPClient

/// An answer of S3 that is no success.
struct S3Problem: Error, Equatable {
    let status: Int
    /// `NoSuchKey`, `SlowDown` …; empty where the answer has no body, as to HEAD.
    let code: String
    let message: String
    /// What it says about the time of another try.
    let retryAfter: Duration?

    init(_ response: HTTPResponse) {
        let error = XMLElement(response.body)
        status = response.status
        retryAfter = response.headers["Retry-After"].flatMap { Int64($0) }.map { .seconds(max(0, $0)) }
        code = error?["Code"] ?? ""
        message = error?["Message"] ?? ""
    }

    /// Whether the same request may succeed in a moment. S3 tells some of that with a 400 or even a 200, and breaks off
    /// answers of status 200.
    var isWorthARetry: Bool {
        HTTPRetry.statuses.contains(status) || status == 200 && code.isEmpty
            || ["SlowDown", "InternalError", "RequestTimeout", "ServiceUnavailable", "BadDigest", "OperationAborted"]
                .contains(code)
    }

    /// Whether it says that there is no such object. To HEAD a missing bucket looks the same.
    var isMissingObject: Bool { status == 404 && ["", "NoSuchKey"].contains(code) }

    /// What it means to whoever asked.
    var storageError: StorageError {
        switch (status, code) {
        case (404, "NoSuchBucket"): .unavailable(reason: "the bucket does not exist: make it, or correct its name")
        case (507, _), (_, "QuotaExceeded"), (_, "XMinioStorageFull"), (_, "InsufficientStorage"): .full
        default: .unavailable(reason: "S3 answered \(status)\(detail)\(advice.map { ": " + $0 } ?? "")")
        }
    }

    private var detail: String {
        code.isEmpty ? "" : " \(code)" + (message.isEmpty ? "" : " (\(message.prefix(200)))")
    }

    private var advice: String? {
        switch code {
        case "InvalidAccessKeyId": "the access key is unknown there; check it"
        case "SignatureDoesNotMatch": "the secret key is wrong, or a proxy changes the requests"
        case "ExpiredToken", "InvalidToken": "the session token has expired; get a new one"
        case "RequestTimeTooSkewed": "the clocks differ by more than 15 minutes; set this machine's"
        case "AuthorizationHeaderMalformed", "PermanentRedirect", "AuthorizationQueryParametersError":
            "the bucket is in another region; correct region and endpoint"
        default: statusAdvice
        }
    }

    private var statusAdvice: String? {
        switch status {
        case 301, 307: "the bucket is somewhere else; correct region and endpoint"
        case 401, 403: "the keys are wrong or may not do this; see the policy in docs/operations.md"
        default: nil
        }
    }
}
