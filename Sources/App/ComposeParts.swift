import Accounts
import Database
import FoundationEssentials
import HTTPServer
import Images
import Jobs
import Kernel
import Memes
import Translation

/// As many as the machine has, at least one.
let cores = max(1, ProcessInfo.processInfo.activeProcessorCount)

/// How the queues run: pictures as wide as the workers, one at a time each, because one takes up to a second.
func jobSettings(_ settings: Settings) -> JobSettings {
    var jobs = JobSettings()
    jobs.queues[ImagesModule.queue] = QueueSettings(
        concurrency: settings.workers,
        batch: 1,
        maxDepth: settings.images.maxQueue,
        retryAfter: .seconds(10),
    )
    // Never refused: what was stored is read sooner or later.
    let patient = Int.max
    jobs.queues[MemesModule.readQueue] = QueueSettings(concurrency: settings.workers, batch: 1, maxDepth: patient)
    jobs.queues[MemesModule.describeQueue] = QueueSettings(
        scaling: .adaptive(ScalingPolicy(min: 8, max: 64)),
        batch: 8,
        maxDepth: patient,
    )
    jobs.queues[MemesModule.embedQueue] = QueueSettings(concurrency: 8, batch: 8, maxDepth: patient)
    jobs.queues[MemesModule.pullQueue] = QueueSettings(concurrency: 2, batch: 1, maxDepth: patient)
    jobs.queues[MemesModule.pullListQueue] = QueueSettings(concurrency: 2, batch: 1, maxDepth: patient)
    addTranslationQueues(to: &jobs, settings)
    jobs.grace = settings.drainGrace
    jobs.lease = settings.jobLease
    return jobs
}

/// Reading and drawing burn CPU; a translator is waited for, by as many pictures as the original had workers.
private func addTranslationQueues(to jobs: inout JobSettings, _ settings: Settings) {
    let patient = Int.max
    let policy = ScalingPolicy(min: settings.translation.minWorkers, max: settings.translation.maxWorkers)
    jobs.queues[TranslationModule.readQueue] = QueueSettings(concurrency: settings.workers, batch: 1)
    jobs.queues[TranslationModule.renderQueue] = QueueSettings(
        concurrency: settings.workers,
        batch: 1,
        maxDepth: patient,
    )
    jobs.queues[TranslationModule.translateQueue] = QueueSettings(
        scaling: .adaptive(policy),
        batch: 8,
        maxDepth: patient,
    )
    jobs.queues[TranslationModule.backgroundQueue] = QueueSettings(
        scaling: .adaptive(ScalingPolicy(min: 4, max: 64)),
        batch: 4,
        maxDepth: patient,
    )
}

/// What the dashboard tells about this process.
func serverFacts(
    _ settings: Settings,
    _ directory: DataDirectory,
    _ database: any Database,
    startedAt: Timestamp,
    workers: Int,
) -> ServerFacts {
    let file = directory.database
    return ServerFacts(
        serviceName: settings.serviceName,
        version: Program.version,
        startedAt: startedAt,
        dataFolder: directory.path,
        databaseName: database.dialect.rawValue,
        databaseBytes: {
            if database.dialect == .postgresql {
                let row = try? await database.lookup("SELECT pg_database_size(current_database()) AS bytes")
                return (try? row?.get("bytes")) ?? 0
            }
            let attributes = try? FileManager.default.attributesOfItem(atPath: file)
            return (attributes?[.size] as? Int).map(Int64.init) ?? 0
        },
        storageName: settings.engines.bucket == nil ? "local" : "s3",
        workers: workers,
    )
}

/// Signs addresses of private pictures; derived, so that it never equals the secret that signs tokens.
///
/// A development server without a secret of its own makes one up, which ends with it: everybody knows the example's.
func linkSecret(_ settings: Settings) -> Secret<[UInt8]> {
    let own = settings.accounts.serverSecret ?? settings.accounts.secrets.signing
    guard let secret = own?.reveal(), !SecretPolicy.wellKnown.contains(secret) else {
        return Secret(Digest.randomBytes(32))
    }
    return Secret(Digest.hmacSHA256(Array("pictor image links".utf8), key: Array(secret.utf8)))
}

/// Where and how the server listens.
func serverSettings(_ settings: Settings, port: Int) -> ServerSettings {
    raiseOpenFileLimit()
    var server = ServerSettings()
    server.host = settings.host
    server.port = UInt16(clamping: port)
    server.loops = settings.loops
    server.drainGrace = settings.drainGrace
    // Each connection takes a descriptor; files, the database and their like need a few hundred.
    server.maxConnections = max(64, openFileLimit() - 512)
    return server
}
