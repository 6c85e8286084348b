import HTTPClient

/// Makes the URLs of a bucket.
struct S3Address: Sendable {
    /// The bucket's own URL, without a slash at its end.
    private let bucket: String
    private let name: String
    /// Comes before every key.
    let prefix: String

    init(_ settings: S3Settings, endpoint: String) {
        if settings.usesPathStyle {
            bucket = "\(endpoint)/\(settings.bucket)"
        } else {
            let scheme = endpoint.firstRange(of: "://")?.upperBound ?? endpoint.startIndex
            bucket = "\(endpoint[..<scheme])\(settings.bucket).\(endpoint[scheme...])"
        }
        name = settings.bucket
        prefix = settings.prefix.isEmpty ? "" : settings.prefix + "/"
    }

    /// `/bucket/key` of a key that is given without the prefix, escaped.
    func resource(_ name: String) -> String { percentEncoded("/\(self.name)/\(prefix)\(name)", keepingSlashes: true) }

    /// The URL of a key, which is given without the prefix, or with `nil` of the bucket itself. What stands in the
    /// query is escaped here.
    func url(_ name: String?, _ query: [(String, String?)] = []) -> String {
        let path = name.map { percentEncoded(prefix + $0, keepingSlashes: true) } ?? ""
        let pairs = query.map { name, value in
            percentEncoded(name) + "=" + (value.map { percentEncoded($0) } ?? "")
        }
        return "\(bucket)/\(path)" + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }
}
