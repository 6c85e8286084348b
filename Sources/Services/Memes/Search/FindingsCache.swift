import Kernel
import SharedState
import Telemetry

/// Answers that may be given again: in memory, behind it in what processes share, for some minutes. The index's
/// generation is part of the key, so a changed meme is seen by the next search. Equal searches at the same time are one.
struct FindingsCache: Sendable {
    /// Where an answer came from.
    enum Level: String, CaseIterable {
        case memory, shared, none
    }

    let state: any SharedState
    let time: any TimeSource
    let lifetime: Duration
    let metrics: MemesMetrics
    /// The models that took part: another process's answers may outlive this one's settings.
    let models: String
    private let recent = RecentlyUsed<String, (findings: MemeFindings, end: Timestamp)>(limit: 10_000)
    private let flights = SingleFlight<String, MemeFindings>()

    init(state: any SharedState, time: any TimeSource, lifetime: Duration, metrics: MemesMetrics, models: String) {
        self.state = state
        self.time = time
        self.lifetime = lifetime
        self.metrics = metrics
        self.models = models
    }

    /// The answer to a search at a generation of the index. Answers without all parts are not kept.
    func findings(
        _ query: MemeQuery,
        generation: Int64,
        _ search: @escaping @Sendable () async throws -> MemeFindings,
    ) async throws -> MemeFindings {
        let key = "\(generation)\u{1F}\(models)\u{1F}\(query.cacheKey)"
        if let known = recent[key], known.end > time.now {
            metrics.count(.memory)
            return known.findings
        }
        return try await flights(key) { [self] in
            let shared = "memes/\(Digest.sha256(Array(key.utf8)).base64URL)"
            if let bytes = await state.get(shared), let known = MemeFindings(json: try? JSON(parsing: bytes)) {
                metrics.count(.shared)
                recent[key] = (known, time.now + lifetime)
                return known
            }
            metrics.count(.none)
            let found = try await search()
            if found.degraded.isEmpty {
                recent[key] = (found, time.now + lifetime)
                await state.set(shared, found.json.bytes, ttl: lifetime)
            }
            return found
        }
    }
}
