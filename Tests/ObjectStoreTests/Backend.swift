import HTTPClient
import Kernel
import ObjectStore
import Telemetry
import TestSupport

/// The implementations that the contract is run against.
enum Backend: String, CaseIterable, Sendable {
    case local, s3

    /// An empty store of its own, below `folder`, which must outlive it.
    func make(in folder: TemporaryFolder) async throws -> any ObjectStore {
        switch self {
        case .local: try LocalObjectStore.open(root: folder.path + "/objects")
        case .s3: try await S3ObjectStore(S3Server.shared.value.bucket())
        }
    }
}

extension S3ObjectStore {
    /// In a bucket of its own, with a folder in it.
    convenience init(
        _ bucket: S3Bucket,
        time: any TimeSource = SystemTime(),
        metrics: Metrics = Metrics(),
        change: (inout S3Settings) -> Void = { $0.prefix = "pictor/test" },
    ) throws {
        var settings = S3Settings(
            endpoint: bucket.endpoint,
            bucket: bucket.name,
            region: S3Server.region,
            credentials: S3Server.credentials,
        )
        change(&settings)
        try self.init(settings: settings, client: sharedClient, time: time, metrics: metrics)
    }
}

/// A connection takes a port, and the server is one for all.
private let sharedClient: HTTPClient = {
    var settings = HTTPClientSettings()
    settings.connectionsPerHost = 32
    return HTTPClient(settings)
}()

func key(_ text: String) throws -> ObjectKey {
    guard let key = ObjectKey(text) else { throw StorageError.badKey }
    return key
}

/// `count` bytes that differ from place to place, so that a shifted or repeated piece is seen.
func pattern(_ count: Int, seed: Int = 0) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 31 &+ $0 >> 8 &+ seed) ^ seed) }
}
