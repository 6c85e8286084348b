import Kernel
import SharedState
import Synchronization
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
    private let recent = RecentFindings(limit: 10_000)
    private let flights = SingleFlight<String, MemeFindings>()

    init(state: any SharedState, time: any TimeSource, lifetime: Duration, metrics: MemesMetrics) {
        self.state = state
        self.time = time
        self.lifetime = lifetime
        self.metrics = metrics
    }

    /// The answer to a search at a generation of the index. Answers without all parts are not kept.
    func findings(
        _ query: MemeQuery,
        generation: Int64,
        _ search: @escaping @Sendable () async throws -> MemeFindings,
    ) async throws -> MemeFindings {
        let key = "\(generation)\u{1F}\(query.cacheKey)"
        if let known = recent.find(key, at: time.now) {
            metrics.count(.memory)
            return known
        }
        return try await flights(key) { [self] in
            let shared = "memes/\(Digest.sha256(Array(key.utf8)).base64URL)"
            if let bytes = await state.get(shared), let known = MemeFindings(json: try? JSON(parsing: bytes)) {
                metrics.count(.shared)
                recent.keep(known, key, until: time.now + lifetime)
                return known
            }
            metrics.count(.none)
            let found = try await search()
            if found.degraded.isEmpty {
                recent.keep(found, key, until: time.now + lifetime)
                await state.set(shared, found.json.bytes, ttl: lifetime)
            }
            return found
        }
    }
}

/// The answers of this process; the oldest make room.
private final class RecentFindings: Sendable {
    private struct Entries {
        var byKey: [String: (findings: MemeFindings, end: Timestamp)] = [:]
        var order: [String] = []
    }

    private let entries = Mutex(Entries())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    func find(_ key: String, at now: Timestamp) -> MemeFindings? {
        entries.withLock { entries in
            guard let entry = entries.byKey[key], entry.end > now else { return nil }
            return entry.findings
        }
    }

    func keep(_ findings: MemeFindings, _ key: String, until end: Timestamp) {
        entries.withLock { entries in
            if entries.byKey.updateValue((findings, end), forKey: key) == nil { entries.order.append(key) }
            guard entries.order.count > limit else { return }
            // In one go, so that moving the rest costs nothing per search.
            for key in entries.order.prefix(limit / 2) { entries.byKey[key] = nil }
            entries.order.removeFirst(limit / 2)
        }
    }
}
