import HTTPClient
import Kernel
import ObjectStore
import Telemetry

/// Opens what a pull reads, with the keys of the configuration.
struct PullSources: Sendable {
    let settings: PullSettings
    let client: HTTPClient
    let time: any TimeSource
    let metrics: Metrics
    let log: Log
    /// Waits for disks.
    let pool: WorkPool

    /// - Throws: ``PullError`` when the source may not be read or cannot be.
    func open(_ address: PullAddress, profile: String) throws -> any ObjectSource {
        if address.scheme == .local { return try local(address) }
        guard let profile = settings.profiles[profile] else {
            throw PullError.sourceUnavailable(
                reason: "There is no profile of this name. Add it to memes.pull.profiles."
            )
        }
        guard profile.buckets.isEmpty || profile.buckets.contains(address.bucket) else {
            throw PullError.bucketNotAllowed
        }
        do throws(SourceError) {
            return try S3ObjectSource(
                settings: try bucket(address, profile),
                prefix: address.path,
                client: client,
                time: time,
                metrics: metrics,
                log: log,
            )
        } catch {
            throw PullError.sourceUnavailable(reason: error.message)
        }
    }

    /// A folder that does not exist is told only below a root, so that nobody can ask what this machine holds.
    private func local(_ address: PullAddress) throws -> LocalObjectSource {
        do throws(SourceError) {
            return try LocalObjectSource(path: address.path, roots: settings.localRoots, pool: pool)
        } catch {
            let isBelowRoot = settings.localRoots.contains { (address.path + "/").hasPrefix($0 == "/" ? $0 : $0 + "/") }
            guard error == .notFound, isBelowRoot else { throw PullError.rootNotAllowed }
            throw PullError.sourceUnavailable(reason: "There is no such folder.")
        }
    }

    private func bucket(_ address: PullAddress, _ profile: PullSettings.Profile) throws(SourceError) -> S3Settings {
        guard let accessKey = profile.accessKey, let secretKey = profile.secretKey else {
            throw .refused(reason: "its profile has no keys, see memes.pull.access_key and memes.pull.secret_key")
        }
        let standard =
            address.scheme == .oss
            ? "https://s3.oss-\(profile.region).aliyuncs.com" : "https://s3.\(profile.region).amazonaws.com"
        var bucket = S3Settings(
            endpoint: profile.endpoint ?? standard,
            bucket: address.bucket,
            region: profile.region,
            credentials: SigV4Credentials(
                accessKey: accessKey.reveal(),
                secretKey: secretKey,
                sessionToken: profile.sessionToken,
            ),
        )
        // OSS refuses the bucket in the path.
        bucket.usesPathStyle = address.scheme == .s3 && (profile.usesPathStyle ?? (profile.endpoint != nil))
        // Longer troubles are the jobs' matter: they wait without holding anything.
        bucket.retry = HTTPRetry(attempts: 3, base: .milliseconds(500), longest: .seconds(5))
        bucket.deadline = .seconds(20)
        return bucket
    }
}
