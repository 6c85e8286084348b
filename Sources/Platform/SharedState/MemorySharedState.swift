import Kernel
import Synchronization
import Telemetry

/// Shared state for one process, in bounded memory.
///
/// Keys are spread over 16 shards, each behind a lock of its own. A shard that is full first drops what has expired,
/// then the sixteenth of its entries that were not used for the longest time: a cache forgets, a counter begins anew,
/// a rate limit is lenient. Locks are never dropped: when there are too many, none is given.
package final class MemorySharedState: SharedState {
    private final class Shard: Sendable {
        let entries: Mutex<BoundedEntries>
        init(maxEntries: Int, maxBytes: Int) { entries = Mutex(BoundedEntries(maxEntries, maxBytes)) }
    }

    private let time: any TimeSource
    private let shards: [Shard]
    private let locks: Mutex<MemoryLocks>
    private let channels = MemoryChannels()
    private let evictions: Counter

    /// - Parameters:
    ///   - time: Decides what has expired.
    ///   - maxEntries: Values, counters and limits together.
    ///   - maxBytes: Memory for keys and values together. A value greater than a sixteenth of it is not kept.
    ///   - metrics: Where entries and evictions are counted.
    package init(
        time: any TimeSource = SystemTime(),
        maxEntries: Int = 100_000,
        maxBytes: Int = 64 << 20,
        metrics: Metrics = Metrics(),
    ) {
        let count = 16
        let shards = (0..<count).map { _ in
            Shard(maxEntries: max(1, maxEntries / count), maxBytes: max(1, maxBytes / count))
        }
        self.time = time
        self.shards = shards
        locks = Mutex(MemoryLocks(limit: maxEntries))
        evictions = metrics.counter(
            "shared_state_evictions_total",
            "Entries dropped before their time because memory was short.",
        )
        let entries = metrics.gauge("shared_state_entries", "Values, counters and limits kept now.")
        metrics.onCollect { entries.set(Double(shards.reduce(0) { $0 + $1.entries.withLock { $0.count } })) }
    }

    package func get(_ key: String) -> [UInt8]? {
        let now = time.now
        return shard(key).entries.withLock { $0.find(.value(key), at: now)?.bytes }
    }

    package func set(_ key: String, _ value: [UInt8], ttl: Duration) {
        let now = time.now
        change(key) { $0.store(.bytes(value), at: .value(key), until: now + ttl, now: now) }
    }

    package func setIfAbsent(_ key: String, _ value: [UInt8], ttl: Duration) -> Bool {
        let now = time.now
        return change(key) { entries in
            guard entries.find(.value(key), at: now) == nil else { return false }
            return entries.store(.bytes(value), at: .value(key), until: now + ttl, now: now)
        }
    }

    @discardableResult
    package func delete(_ key: String) -> Bool {
        let now = time.now
        return change(key) { entries in
            let value = entries.remove(.value(key), at: now)
            let counter = entries.remove(.counter(key), at: now)
            return value || counter
        }
    }

    @discardableResult
    package func deletePrefix(_ prefix: String) -> Int {
        let now = time.now
        return shards.reduce(0) { $0 + $1.entries.withLock { $0.remove(prefix: prefix, at: now) } }
    }

    @discardableResult
    package func increment(_ key: String, by amount: Int, ttl: Duration) -> Int {
        let now = time.now
        return change(key) { entries in
            let old = entries.find(.counter(key), at: now)
            let (sum, overflow) = (old?.count ?? 0).addingReportingOverflow(amount)
            let new = overflow ? (amount > 0 ? Int.max : Int.min) : sum
            entries.store(
                .count(new),
                at: .counter(key),
                until: entries.expiry(of: .counter(key)) ?? now + ttl,
                now: now,
            )
            return new
        }
    }

    package func rateLimit(_ key: String, limit: Int, window: Duration) -> RateLimitDecision {
        let now = time.now
        return change(key) { entries in
            var state = entries.find(.limit(key), at: now)?.window ?? SlidingWindow(window: window)
            if !state.fits(window) { state = SlidingWindow(window: window) }
            let decision = state.take(limit: limit, at: now)
            entries.store(.window(state), at: .limit(key), until: state.end, now: now)
            return decision
        }
    }

    package func reserve(_ key: String, _ claims: [BudgetClaim]) -> BudgetDecision {
        let now = time.now
        return change(key) { entries in
            var windows = entries.find(.budget(key), at: now)?.budget ?? BudgetWindows()
            let decision = windows.reserve(claims, at: now)
            entries.store(.budget(windows), at: .budget(key), until: windows.end, now: now)
            return decision
        }
    }

    package func correct(_ key: String, _ amounts: [String: Int], at moment: Timestamp) {
        let now = time.now
        change(key) { entries in
            guard var windows = entries.find(.budget(key), at: now)?.budget else { return }
            windows.correct(amounts, at: moment, now: now)
            entries.store(.budget(windows), at: .budget(key), until: windows.end, now: now)
        }
    }

    package func lock(_ key: String, ttl: Duration) -> LockToken? {
        let now = time.now
        return locks.withLock { $0.take(key, until: now + ttl, now: now) }
    }

    package func extend(_ token: LockToken, ttl: Duration) -> Bool {
        let now = time.now
        return locks.withLock { $0.extend(token, until: now + ttl, now: now) }
    }

    @discardableResult
    package func unlock(_ token: LockToken) -> Bool {
        let now = time.now
        return locks.withLock { $0.release(token, now: now) }
    }

    package func publish(_ channel: String, message: [UInt8]) { channels.publish(channel, message) }

    package func subscribe(_ channel: String, _ receive: @escaping @Sendable ([UInt8]) -> Void) -> Subscription {
        channels.subscribe(channel, receive)
    }

    /// How many subscriptions are open, on all channels.
    package var subscriberCount: Int { channels.subscriberCount }

    /// Values, counters and limits kept now, expired ones included until they are met.
    package var entryCount: Int { shards.reduce(0) { $0 + $1.entries.withLock { $0.count } } }

    private func shard(_ key: String) -> Shard {
        shards[Int(UInt(bitPattern: key.hashValue) % UInt(shards.count))]
    }

    @discardableResult
    private func change<Value: Sendable>(_ key: String, _ body: (inout sending BoundedEntries) -> Value) -> Value {
        let (value, evicted) = shard(key).entries.withLock { entries in
            let value = body(&entries)
            return (value, entries.takeEvicted())
        }
        if evicted > 0 { evictions.add(Double(evicted)) }
        return value
    }
}
