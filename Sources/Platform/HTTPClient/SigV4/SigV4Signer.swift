import Kernel

/// Who signs.
package struct SigV4Credentials: Sendable {
    package let accessKey: String
    package let secretKey: Secret<String>
    /// Of temporary credentials only.
    package let sessionToken: Secret<String>?

    package init(accessKey: String, secretKey: Secret<String>, sessionToken: Secret<String>? = nil) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
    }
}

/// What a signature says about the body.
package enum SigV4Payload: Sendable, Hashable {
    /// The body is not covered.
    case unsigned
    /// The body's SHA-256, 32 bytes; the server refuses any other body.
    case sha256([UInt8])

    var text: String {
        switch self {
        case .unsigned: "UNSIGNED-PAYLOAD"
        case .sha256(let digest): digest.hexadecimal
        }
    }
}

/// Signs requests to S3 with AWS Signature Version 4. Pure: the same input gives the same signature.
///
/// The path is signed as it stands in the URL, which is the rule of S3 alone: other services escape it once more.
/// Source: Amazon S3 API Reference, "Authenticating Requests (AWS Signature Version 4)".
package struct SigV4Signer: Sendable {
    private let credentials: SigV4Credentials
    private let region: String
    private let service = "s3"

    package init(_ credentials: SigV4Credentials, region: String) {
        self.credentials = credentials
        self.region = region
    }

    /// The request with a signature in its headers. Servers take it for 15 minutes around `moment`. All headers are
    /// covered but those that proxies may change.
    package func sign(_ request: HTTPRequest, payload: SigV4Payload, at moment: Timestamp) -> HTTPRequest {
        var signed = request
        signed.headers["X-Amz-Date"] = moment.iso8601Basic
        signed.headers["X-Amz-Content-Sha256"] = payload.text
        if let token = credentials.sessionToken { signed.headers["X-Amz-Security-Token"] = token.reveal() }
        let url = SigV4URL(request.url)
        let headers = SigV4Headers(signed.headers, host: url.host)
        let signature = signature(
            of: canonical(request.method, url, query: url.query, headers, payload: payload.text),
            at: moment,
        )
        let credential = "\(credentials.accessKey)/\(scope(moment))"
        signed.headers["Authorization"] =
            "AWS4-HMAC-SHA256 Credential=\(credential), SignedHeaders=\(headers.names), Signature=\(signature)"
        return signed
    }

    /// The URL with a signature in its query: whoever has it may do this one thing for as long as `expires`, which is
    /// moved into 1 second ... 7 days. `headers` must be sent exactly so with the request.
    package func presign(
        _ method: HTTPMethod,
        _ url: String,
        headers: HTTPHeaders = [:],
        expires: Duration,
        at moment: Timestamp,
    ) -> String {
        let target = SigV4URL(url)
        let headers = SigV4Headers(headers, host: target.host)
        var query = target.query.isEmpty ? [] : [target.query]
        func add(_ name: String, _ value: String) { query.append("\(name)=\(percentEncoded(value))") }
        add("X-Amz-Algorithm", "AWS4-HMAC-SHA256")
        add("X-Amz-Credential", "\(credentials.accessKey)/\(scope(moment))")
        add("X-Amz-Date", moment.iso8601Basic)
        add("X-Amz-Expires", "\(min(max(1, expires.components.seconds), 604_800))")
        add("X-Amz-SignedHeaders", headers.names)
        if let token = credentials.sessionToken { add("X-Amz-Security-Token", token.reveal()) }
        let text = query.joined(separator: "&")
        let request = canonical(method, target, query: text, headers, payload: SigV4Payload.unsigned.text)
        return "\(target.base)?\(text)&X-Amz-Signature=\(signature(of: request, at: moment))"
    }

    private func canonical(
        _ method: HTTPMethod,
        _ url: SigV4URL,
        query: String,
        _ headers: SigV4Headers,
        payload: String,
    ) -> String {
        let lines = [method.rawValue, url.path, canonicalQuery(query), headers.lines, headers.names, payload]
        return lines.joined(separator: "\n")
    }

    private func signature(of canonicalRequest: String, at moment: Timestamp) -> String {
        let digest = Digest.sha256(canonicalRequest.utf8).hexadecimal
        let text = "AWS4-HMAC-SHA256\n\(moment.iso8601Basic)\n\(scope(moment))\n\(digest)"
        let steps = [String(moment.iso8601Basic.prefix(8)), region, service, "aws4_request", text]
        let start = Array("AWS4\(credentials.secretKey.reveal())".utf8)
        return steps.reduce(start) { key, step in Digest.hmacSHA256(step.utf8, key: key) }.hexadecimal
    }

    private func scope(_ moment: Timestamp) -> String {
        "\(moment.iso8601Basic.prefix(8))/\(region)/\(service)/aws4_request"
    }
}

/// Sorted by the bytes of name and value, each pair with its `=`.
private func canonicalQuery(_ query: String) -> String {
    query.split(separator: "&")
        .map { pair -> (name: Substring, value: Substring) in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (parts[0], parts.count == 2 ? parts[1] : "")
        }
        .sorted { ($0.name, $0.value) < ($1.name, $1.value) }
        .map { "\($0.name)=\($0.value)" }
        .joined(separator: "&")
}
