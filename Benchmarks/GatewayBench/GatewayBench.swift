import Database
import Glibc
import HTTPClient
import Kernel
import ModelGateway
import SharedState
import Synchronization
import Telemetry

/// Calls of the gateway that wait for slow answers, for `script/bench gateway`.
///
/// `GatewayBench URL CERTIFICATE PROJECTS RPM LOAD SECONDS FOLDER`: asks for translations, `SECONDS` long, of as many projects
/// with so many requests a minute each. `LOAD` is `50000@10` for 50,000 tasks that ask one time after another, and begin
/// evenly within 10 s; or `57000/min` for so many that ask once, evenly, however many still wait. What models took is kept in
/// a SQLite file in `FOLDER`, as in the product. Prints one line of JSON.
@main
struct GatewayBench {
    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 8, let projects = Int(words[3]), let rpm = Int(words[4]), let load = Load(words[5]),
            let seconds = Int(words[6])
        else {
            print("usage: GatewayBench URL CERTIFICATE PROJECTS RPM CALLERS@SECONDS|CALLS/min SECONDS FOLDER")
            exit(64)
        }
        let database = try SQLiteDatabase.open(path: "\(words[7])/models.db", metrics: Metrics(), log: .silent)
        try await migrate(database, modelMigrations)
        let gateway = gateway(words[1], certificate: words[2], projects, rpm, database)
        let tally = Tally()
        let start = ContinuousClock.now
        let callers = await load.begin(gateway, tally, for: .seconds(seconds))
        try await Task.sleep(until: start + .seconds(seconds))
        // What is answered after the end is nobody's.
        let counts = tally.counts
        let end = ContinuousClock.now
        for caller in callers { caller.cancel() }
        for caller in callers { await caller.value }
        let ending = ContinuousClock.now - end
        await database.close()
        print(
            "{\"answered\":\(counts.answered),\"incomplete\":\(counts.incomplete),\"ending_s\":\(ending / .seconds(1)),\"errors\":{"
                + counts.errors.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
                + "}}"
        )
    }

    private static func gateway(
        _ url: String,
        certificate: String,
        _ projects: Int,
        _ rpm: Int,
        _ database: SQLiteDatabase,
    ) -> ModelGateway {
        var model = ModelSettings("gemini-3.5-flash-lite", [.chat])
        model.quota.requestsPerMinute = rpm
        var provider = ProviderSettings("gemini", .gemini, url: url, timeout: .seconds(120), models: [model])
        provider.concurrency = 100_000
        var settings = ModelGatewaySettings()
        settings.providers = provider.projects((1...projects).map { Secret("project-\($0).key") })
        var reach = HTTPClientSettings()
        reach.maxRequests = 100_000
        reach.certificateFile = certificate
        return ModelGateway(
            settings,
            client: HTTPClient(reach),
            state: MemorySharedState(),
            database: database,
            time: SystemTime(),
            log: .silent,
            metrics: Metrics(),
        )
    }
}

/// How the calls ended.
final class Tally: Sendable {
    struct Counts {
        var answered = 0
        var incomplete = 0
        var errors: [String: Int] = [:]
    }

    private let state = Mutex(Counts())
    var counts: Counts { state.withLock { $0 } }

    func answered(isComplete: Bool) {
        state.withLock { counts in
            counts.answered += 1
            counts.incomplete += isComplete ? 0 : 1
        }
    }

    func failed(_ code: String) { state.withLock { $0.errors[code, default: 0] += 1 } }
}
