import HTTPClient
import Kernel

/// Where the bucket is and how it is used.
package struct S3Settings: Sendable {
    /// How the server encrypts what is stored.
    package enum Encryption: Sendable, Hashable {
        /// As the bucket says.
        case bucketDefault
        /// With keys of the store itself (SSE-S3).
        case aes256
        /// With a key of the key management service; `nil` is the account's own for S3.
        case kms(key: String?)
    }

    /// How links are signed that browsers use.
    package enum LinkSignature: String, Sendable, CaseIterable {
        /// As S3 does it.
        case v4
        /// As Alibaba Cloud OSS does it at addresses of its own.
        case oss4
    }

    /// `https://s3.eu-central-1.amazonaws.com`, `http://127.0.0.1:8333`: scheme, host and port, no path.
    package var endpoint: String
    /// The address that browsers use, for presigned URLs, where they cannot reach `endpoint`.
    package var publicEndpoint: String?
    /// Whether browsers reach the bucket, so that presigned URLs are of use to them.
    package var isPublic = true
    package var linkSignature = LinkSignature.v4
    package var bucket: String
    /// Part of every signature. Servers other than Amazon's often want `us-east-1`, `auto` or what they were given.
    package var region: String
    package var credentials: SigV4Credentials
    /// Whether the bucket is the first part of the path (`host/bucket/key`) or of the host (`bucket.host/key`).
    package var usesPathStyle = true
    /// A folder in the bucket for all objects, without slashes at its ends; `""` for none. In the grammar of a key.
    package var prefix = ""
    package var encryption = Encryption.bucketDefault
    /// Files longer than this are sent in parts of it; at least 5 MiB, which S3 wants.
    package var partBytes = 8 << 20
    /// Parts of one file under way at the same time.
    package var parallelParts = 4
    /// How long one operation may take, its repetitions included, and in addition a second for each 256 KiB moved.
    package var deadline = Duration.seconds(30)
    /// For name, connection and TLS.
    package var connectTimeout = Duration.seconds(5)
    /// Without a byte in either direction; then the request is repeated.
    package var idleTimeout = Duration.seconds(10)
    /// When requests are repeated.
    package var retry = HTTPRetry(attempts: 8, base: .milliseconds(100), longest: .seconds(5))

    package init(endpoint: String, bucket: String, region: String, credentials: SigV4Credentials) {
        self.endpoint = endpoint
        self.bucket = bucket
        self.region = region
        self.credentials = credentials
    }

    /// For probes of health, whose answer is wanted within 5 seconds: the same with little patience.
    var impatient: S3Settings {
        var settings = self
        settings.deadline = min(deadline, .seconds(4))
        settings.connectTimeout = min(connectTimeout, .seconds(2))
        settings.idleTimeout = min(idleTimeout, .seconds(2))
        return settings
    }

    /// What is wrong, as a sentence for the operator; `nil` when nothing is.
    package var problem: String? {
        if let problem = [endpoint, publicEndpoint ?? endpoint].lazy.compactMap(endpointProblem).first {
            return problem
        }
        guard (3...63).contains(bucket.utf8.count), bucket.utf8.allSatisfy(isBucketByte) else {
            return "'\(bucket)' is no name of a bucket: 3 to 63 small letters, digits, '-' and '.'"
        }
        guard !region.isEmpty, region.utf8.allSatisfy(isBucketByte) else { return "'\(region)' is no region" }
        guard prefix.isEmpty || ObjectKey(prefix) != nil else {
            return "'\(prefix)' is no prefix: letters, digits, '.', '_', '=', '-', and '/' between them"
        }
        guard linkSignature == .v4 || !usesPathStyle else {
            return "OSS wants the bucket in the host's name: storage.s3.path_style must be false"
        }
        guard !credentials.accessKey.isEmpty, !credentials.secretKey.reveal().isEmpty else {
            return "the access key and the secret key are needed"
        }
        return nil
    }
}

private func endpointProblem(_ endpoint: String) -> String? {
    let rest = ["https://", "http://"].lazy.filter { endpoint.hasPrefix($0) }.map { endpoint.dropFirst($0.count) }.first
    let isHost = rest.map { !$0.isEmpty && $0.utf8.allSatisfy { isBucketByte($0) || [0x3A, 0x5B, 0x5D].contains($0) } }
    return isHost == true
        ? nil : "'\(endpoint)' is no endpoint: http:// or https://, a host in small letters and perhaps a port"
}

private func isBucketByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
        UInt8(ascii: "."):
        true
    default: false
    }
}
