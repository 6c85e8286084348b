import Configuration
import Kernel
import ObjectStore
import SharedState

/// Where rows, bytes and what processes agree on live, and where traces go. Nothing set means: one machine, SQLite,
/// local files, memory.
struct EngineSettings: Sendable {
    enum StorageBackend: String, CaseIterable { case local, s3 }
    enum Encryption: String, CaseIterable {
        case bucketDefault = "bucket"
        case aes256 = "AES256"
        case kms = "aws:kms"
    }

    /// The settings of an S3 bucket, as given.
    struct Bucket: Sendable {
        let name: String
        let endpoint: String
        let publicEndpoint: String?
        let linkSignature: S3Settings.LinkSignature
        let redirects: Bool
        let region: String
        let accessKey: Secret<String>
        let secretKey: Secret<String>
        let sessionToken: Secret<String>?
        let usesPathStyle: Bool
        let prefix: String
        let encryption: Encryption
        let kmsKey: String?
    }

    /// PostgreSQL; `nil` for SQLite in the data directory.
    let databaseURL: Secret<String>?
    let databaseConnections: Int
    /// Redis; `nil` for memory.
    let redisURL: Secret<String>?
    let redisPrefix: String
    /// `nil` for files in the data directory.
    let bucket: Bucket?
    let otlpEndpoint: String?
    let otlpHeaders: Secret<String>?
    let traceRatio: Double

    /// Whether several processes may work on the same rows.
    var isShared: Bool { databaseURL != nil }

    init(_ reader: SettingsReader) {
        databaseURL = reader.url(
            "database.url",
            schemes: ["postgresql", "postgres"],
            aliases: ["DATABASE_URL"],
            help: "The PostgreSQL database; without it SQLite in the data directory.",
        )
        databaseConnections = reader.int(
            "database.connections",
            2...500,
            default: 16,
            help: "Connections to PostgreSQL for transactions and queries, per process.",
        )
        redisURL = reader.url(
            "redis.url",
            schemes: ["redis", "rediss", "unix"],
            aliases: ["REDIS_URL"],
            help: "Redis for what processes agree on; without it each process remembers for itself.",
        )
        if let redisURL {
            do throws(RedisAddress.Malformed) { _ = try RedisAddress(redisURL) } catch {
                reader.report("redis.url", "\(error)")
            }
        }
        redisPrefix = reader.string(
            "redis.prefix",
            default: "pictor:",
            .upTo(64),
            help: "Stands before every key and channel in Redis.",
        )
        bucket = Self.bucket(reader)
        otlpEndpoint = reader.string(
            "telemetry.otlp_endpoint",
            .where("an address that begins with http:// or https://") {
                $0.hasPrefix("http://") || $0.hasPrefix("https://")
            },
            aliases: ["OTEL_EXPORTER_OTLP_ENDPOINT"],
            help: "The OpenTelemetry collector that gets traces over HTTP; without it nothing is traced.",
        )
        otlpHeaders = reader.secret(
            "telemetry.otlp_headers",
            aliases: ["OTEL_EXPORTER_OTLP_HEADERS"],
            help: "Headers for the collector, such as authorization=Bearer%20abc,x-team=7.",
        )
        traceRatio = reader.double(
            "telemetry.trace_ratio",
            0...1,
            default: 1,
            help: "The share of requests without a trace of their own that are traced.",
        )
    }

    /// A bucket is used when one is named or `storage.backend` asks for it; what is missing then is a problem.
    private static func bucket(_ reader: SettingsReader) -> Bucket? {
        let backend = reader.choice(
            "storage.backend",
            default: StorageBackend.local,
            aliases: ["STORAGE_BACKEND"],
            help: "Where pictures lie: local is the data directory, s3 a bucket.",
        )
        let name = reader.string("storage.s3.bucket", .upTo(63), aliases: ["AWS_S3_BUCKET_NAME"], help: "The bucket.")
        let region = reader.string(
            "storage.s3.region",
            default: "us-east-1",
            .upTo(64),
            aliases: ["AWS_REGION"],
            help: "The bucket's region; servers other than Amazon's say what they want.",
        )
        let endpoint = reader.string(
            "storage.s3.endpoint",
            .upTo(1024),
            aliases: ["AWS_ENDPOINT_URL"],
            help: "The address of an S3 server other than Amazon's, such as http://127.0.0.1:8333.",
        )
        let publicEndpoint = reader.string(
            "storage.s3.public_endpoint",
            .upTo(1024),
            help: "The address that browsers use for presigned links, where it is another one.",
        )
        let linkSignature = reader.choice(
            "storage.s3.link_signature",
            default: S3Settings.LinkSignature.v4,
            help: "How presigned links are signed: v4 as S3 does, oss4 as Alibaba OSS does at addresses of its own.",
        )
        let redirects = reader.bool(
            "storage.s3.redirect",
            default: endpoint == nil || publicEndpoint != nil,
            standard: "true without an endpoint, or with a public one",
            help:
                "Whether pictures are answered with a presigned link to the bucket; else their bytes go through here.",
        )
        let accessKey = reader.secret(
            "storage.s3.access_key",
            aliases: ["AWS_ACCESS_KEY_ID"],
            help: "The access key's id.",
        )
        let secretKey = reader.secret(
            "storage.s3.secret_key",
            aliases: ["AWS_SECRET_ACCESS_KEY"],
            help: "The secret access key.",
        )
        let sessionToken = reader.secret(
            "storage.s3.session_token",
            length: 1...16_384,
            aliases: ["AWS_SESSION_TOKEN"],
            help: "Comes with temporary keys.",
        )
        let usesPathStyle = reader.bool(
            "storage.s3.path_style",
            default: endpoint != nil,
            standard: "true with an endpoint",
            help: "Whether the bucket stands in the path and not in the host's name.",
        )
        let prefix = reader.string("storage.s3.prefix", .upTo(256), help: "A folder in the bucket for all objects.")
        let encryption = reader.choice(
            "storage.s3.encryption",
            default: Encryption.bucketDefault,
            help: "How the server encrypts what is stored; bucket leaves it to the bucket.",
        )
        let kmsKey = reader.string("storage.s3.kms_key", .upTo(2048), help: "The key for aws:kms.")
        guard backend == .s3 else { return nil }
        guard let name, let accessKey, let secretKey else {
            reader.report(
                "storage.backend",
                "storage.backend is s3; storage.s3.bucket, storage.s3.access_key and storage.s3.secret_key must be set.",
            )
            return nil
        }
        return Bucket(
            name: name,
            endpoint: endpoint ?? "https://s3.\(region).amazonaws.com",
            publicEndpoint: publicEndpoint,
            linkSignature: linkSignature,
            redirects: redirects,
            region: region,
            accessKey: accessKey,
            secretKey: secretKey,
            sessionToken: sessionToken,
            usesPathStyle: usesPathStyle,
            prefix: prefix ?? "",
            encryption: encryption,
            kmsKey: kmsKey,
        )
    }
}
