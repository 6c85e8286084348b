import Database
import HTTPClient
import Kernel
import ObjectStore
import SharedState
import Telemetry

/// What the settings ask for, opened: where rows, bytes and what processes agree on live.
struct Engines: Sendable {
    let database: any Database
    let objects: any ObjectStore
    let state: any SharedState
    /// The same, when it is Redis.
    let redis: RedisSharedState?
    /// Calls the other servers that the operator named: S3, the collector of traces, the authorization service.
    let client: HTTPClient

    init(
        _ settings: Settings,
        _ directory: DataDirectory,
        time: any TimeSource,
        metrics: Metrics,
        log: Log,
    ) async throws {
        var calls = HTTPClientSettings()
        // Tens of thousands may wait for models at once.
        calls.maxRequests = 100_000
        client = HTTPClient(calls, time: time)
        objects = try openObjects(settings.engines, directory, client, time: time, metrics: metrics, log: log)
        redis = try settings.engines.redisURL.map { url in
            try RedisSharedState.open(
                url: url,
                settings: RedisSettings(prefix: settings.engines.redisPrefix),
                time: time,
                metrics: metrics,
                log: log,
            )
        }
        state = redis ?? MemorySharedState(time: time, metrics: metrics)
        database = try await openDatabase(directory, settings, metrics: metrics, log: log)
    }

    func close() async {
        await database.close()
        await redis?.close()
    }
}

/// Opens PostgreSQL when the settings name it, else the SQLite file of the data directory.
///
/// - Throws: ``CommandFailure`` when PostgreSQL does not answer.
func openDatabase(
    _ directory: DataDirectory,
    _ settings: Settings,
    metrics: Metrics = Metrics(),
    log: Log = .silent,
) async throws -> any Database {
    guard let url = settings.engines.databaseURL else {
        return try openSQLite(directory, settings, metrics: metrics, log: log)
    }
    return try await openPostgreSQL(url, settings, metrics: metrics, log: log)
}

/// Connects to PostgreSQL.
///
/// - Throws: ``CommandFailure`` when it does not answer.
func openPostgreSQL(
    _ url: Secret<String>,
    _ settings: Settings,
    metrics: Metrics = Metrics(),
    log: Log = .silent,
) async throws(CommandFailure) -> PostgreSQLDatabase {
    do throws(DatabaseError) {
        return try await PostgreSQLDatabase.open(
            url: url,
            settings: PostgreSQLSettings(connections: settings.engines.databaseConnections),
            metrics: metrics,
            log: log,
        )
    } catch {
        throw CommandFailure(
            "PostgreSQL does not answer: \(reason(error)). Check DATABASE_URL (database.url)",
            exitCode: ExitCode.unavailable,
        )
    }
}

/// What the engine says, which holds no password; else our own sentence.
private func reason(_ error: DatabaseError) -> String {
    if case .unavailable(let detail) = error { detail } else { error.message }
}

/// Opens the SQLite file of a data directory, also where PostgreSQL is configured.
func openSQLite(
    _ directory: DataDirectory,
    _ settings: Settings,
    metrics: Metrics = Metrics(),
    log: Log = .silent,
) throws -> SQLiteDatabase {
    try SQLiteDatabase.open(
        path: directory.database,
        settings: SQLiteSettings(readers: max(2, settings.workers)),
        metrics: metrics,
        log: log,
    )
}

/// Opens the bucket that the settings name, else the folder of the data directory.
///
/// - Throws: ``StorageError`` when the bucket's settings cannot be right or the folder cannot be written.
func openObjects(
    _ engines: EngineSettings,
    _ directory: DataDirectory,
    _ client: HTTPClient,
    time: any TimeSource = SystemTime(),
    metrics: Metrics = Metrics(),
    log: Log = .silent,
) throws -> any ObjectStore {
    guard let bucket = engines.bucket else {
        return try LocalObjectStore.open(root: directory.objects, metrics: metrics)
    }
    return try S3ObjectStore(settings: s3Settings(bucket), client: client, time: time, metrics: metrics, log: log)
}

private func s3Settings(_ bucket: EngineSettings.Bucket) -> S3Settings {
    var settings = S3Settings(
        endpoint: bucket.endpoint,
        bucket: bucket.name,
        region: bucket.region,
        credentials: SigV4Credentials(
            accessKey: bucket.accessKey.reveal(),
            secretKey: bucket.secretKey,
            sessionToken: bucket.sessionToken,
        ),
    )
    settings.publicEndpoint = bucket.publicEndpoint
    settings.linkSignature = bucket.linkSignature
    settings.isPublic = bucket.redirects
    settings.usesPathStyle = bucket.usesPathStyle
    settings.prefix = bucket.prefix
    settings.encryption =
        switch bucket.encryption {
        case .bucketDefault: .bucketDefault
        case .aes256: .aes256
        case .kms: .kms(key: bucket.kmsKey)
        }
    return settings
}
