import HTTPClient
import Kernel

/// Signs links to Alibaba Cloud OSS with its own signature of version 4, for addresses of a bucket that do not understand
/// S3's. Pure: the same input gives the same link.
///
/// Source: Alibaba Cloud OSS API reference, "Include signatures in a URL (V4)".
struct OSS4Signer: Sendable {
    let credentials: SigV4Credentials
    let region: String

    /// - Parameters:
    ///   - method: What whoever has the link may do.
    ///   - url: The object's, without a query.
    ///   - resource: The path that is signed: `/bucket/key`, escaped, also where the bucket stands in the host's name.
    ///   - expires: How long the link is good; moved into 1 second ... 7 days.
    ///   - moment: When it begins to be.
    /// - Returns: The URL with the signature in its query.
    func presign(
        _ method: HTTPMethod,
        _ url: String,
        resource: String,
        expires: Duration,
        at moment: Timestamp,
    ) -> String {
        let date = moment.iso8601Basic
        let scope = "\(date.prefix(8))/\(region)/oss/aliyun_v4_request"
        // In the order of their names, which is signed.
        var fields = [
            ("x-oss-credential", "\(credentials.accessKey)/\(scope)"), ("x-oss-date", date),
            ("x-oss-expires", "\(min(max(1, expires.components.seconds), 604_800))"),
        ]
        if let token = credentials.sessionToken { fields.append(("x-oss-security-token", token.reveal())) }
        fields.append(("x-oss-signature-version", "OSS4-HMAC-SHA256"))
        let query = fields.map { "\($0)=\(percentEncoded($1))" }.joined(separator: "&")
        // No header is covered.
        let request = [method.rawValue, resource, query, "", "", "UNSIGNED-PAYLOAD"].joined(separator: "\n")
        let text = "OSS4-HMAC-SHA256\n\(date)\n\(scope)\n\(Digest.sha256(request.utf8).hexadecimal)"
        let steps = [String(date.prefix(8)), region, "oss", "aliyun_v4_request", text]
        let start = Array("aliyun_v4\(credentials.secretKey.reveal())".utf8)
        let signature = steps.reduce(start) { key, step in Digest.hmacSHA256(step.utf8, key: key) }
        return "\(url)?\(query)&x-oss-signature=\(signature.hexadecimal)"
    }
}
