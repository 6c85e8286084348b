import Kernel
import Synchronization
import Telemetry

/// Shared state of many processes, in one Redis 7 or newer (not a cluster of them).
///
/// What has an end is measured by Redis' clock alone, so processes whose clocks differ agree. While Redis does not
/// answer, each call does what ``SharedState`` says, counted in `shared_state_degraded_total`. Keys are the prefix, a
/// letter for their kind (`v` value, `c` counter, `l` limit, `b` budget, `k` lock, `f` fence; channels `m`), a colon and the key.
package final class RedisSharedState: SharedState {
    private let prefix: String
    private let pipeline: RedisPipeline
    private let subscriber: RedisSubscriber
    private let local: MemorySharedState
    private let metrics: RedisMetrics
    private let steps = Atomic<UInt>(0)

    private init(
        _ address: RedisAddress,
        settings: RedisSettings,
        time: any TimeSource,
        metrics: Metrics,
        log: Log,
    ) {
        prefix = settings.prefix
        local = MemorySharedState(time: time, metrics: metrics)
        self.metrics = RedisMetrics(metrics)
        let text = address.description
        pipeline = RedisPipeline(
            address,
            settings: settings,
            events: RedisEvents("commands", address: text, metrics: metrics, log: log),
        )
        subscriber = RedisSubscriber(
            address,
            settings: settings,
            events: RedisEvents("subscriptions", address: text, metrics: metrics, log: log),
        )
    }

    deinit {
        pipeline.abandon()
        subscriber.abandon()
    }

    /// Begins to connect and does not wait for it: Redis may be away. `url` is as ``RedisAddress`` reads it, and only a
    /// malformed one throws; `time` is for what this process counts alone while Redis is away.
    package static func open(
        url: Secret<String>,
        settings: RedisSettings = RedisSettings(),
        time: any TimeSource = SystemTime(),
        metrics: Metrics,
        log: Log,
    ) throws(RedisAddress.Malformed) -> RedisSharedState {
        let address = try RedisAddress(url)
        return RedisSharedState(address, settings: settings, time: time, metrics: metrics, log: log)
    }

    /// For a health probe: writes a key, after connecting at once where there is no connection.
    ///
    /// - Throws: What is wrong, in a sentence without secrets.
    package func check() async throws {
        try await pipeline.connect()
        _ = try await pipeline.send(RedisCommand("SET", .text(prefix + "health"), "1", "PX", "1000"))
        try await subscriber.connect()
    }

    /// Sends what waits, then lets go of Redis. Subscriptions get nothing any more; calls are answered as if it were away.
    package func close() async {
        await pipeline.close()
        await subscriber.close()
    }

    package func get(_ key: String) async -> [UInt8]? {
        await ask(.get, RedisCommand("GET", value(key)))?.bytes
    }

    package func set(_ key: String, _ value: [UInt8], ttl: Duration) async {
        _ = await ask(.set, RedisCommand("SET", self.value(key), .bytes(value), "PX", life(ttl)))
    }

    package func setIfAbsent(_ key: String, _ value: [UInt8], ttl: Duration) async -> Bool {
        let command = RedisCommand("SET", self.value(key), .bytes(value), "PX", life(ttl), "NX")
        return await ask(.setIfAbsent, command)?.isOK ?? false
    }

    @discardableResult
    package func delete(_ key: String) async -> Bool {
        (await ask(.delete, RedisCommand("UNLINK", value(key), counter(key)))?.integer ?? 0) > 0
    }

    @discardableResult
    package func deletePrefix(_ prefix: String) async -> Int {
        let pattern = escapedGlob(self.prefix) + "[vc]:" + escapedGlob(prefix) + "*"
        var (cursor, deleted) = (Array("0".utf8), 0)
        repeat {
            let scan = RedisCommand("SCAN", .bytes(cursor), "MATCH", .text(pattern), "COUNT", "1000")
            guard let parts = await ask(.deletePrefix, scan)?.array, parts.count == 2, let next = parts[0].bytes,
                let keys = parts[1].array
            else { return deleted }
            if !keys.isEmpty {
                let command = RedisCommand(["UNLINK"] + keys.compactMap(\.bytes).map { .bytes($0) })
                guard let count = await ask(.deletePrefix, command)?.integer else { return deleted }
                deleted += count
            }
            cursor = next
        } while cursor != Array("0".utf8)
        return deleted
    }

    /// The step that makes a counter also gives it its end; so does every sixteenth of this process, for counters
    /// whose maker was cut off in between. A script would cost four times as much, and a second command with each step twice.
    @discardableResult
    package func increment(_ key: String, by amount: Int, ttl: Duration) async -> Int {
        let start = ContinuousClock.now
        do throws(RedisError) {
            let reply = try await sendStep(key, amount, ttl)
            if reply.integer == amount || steps.add(1, ordering: .relaxed).newValue & 15 == 0 {
                _ = try await pipeline.send(RedisCommand("PEXPIRE", counter(key), life(ttl), "NX"))
            }
            metrics.answered(.increment, since: start)
            return reply.integer ?? 0
        } catch {
            metrics.degraded(.increment, error)
            return local.increment(key, by: amount, ttl: ttl)
        }
    }

    package func rateLimit(_ key: String, limit: Int, window: Duration) async -> RateLimitDecision {
        let arguments: [RedisCommand.Part] = [
            .number(limit), .number(Int(SlidingWindow.sliceMilliseconds(of: window))),
            .number(Int(SlidingWindow.slices)),
        ]
        let reply = await run(.rateLimit, .rateLimit, keys: [self.key("l", key)], arguments)
        guard let numbers = reply?.array?.compactMap(\.integer), numbers.count == 4 else {
            return local.rateLimit(key, limit: limit, window: window)
        }
        return RateLimitDecision(
            isAllowed: numbers[0] == 1,
            remaining: max(0, limit.subtractingReportingOverflow(numbers[1]).partialValue),
            retryAfter: .milliseconds(numbers[2]),
            resetAfter: .milliseconds(numbers[3]),
        )
    }

    package func reserve(_ key: String, _ claims: [BudgetClaim]) async -> BudgetDecision {
        let slices = RedisCommand.Part.number(Int(SlidingWindow.slices))
        let arguments = claims.flatMap { claim -> [RedisCommand.Part] in
            let slice = Int(SlidingWindow.sliceMilliseconds(of: claim.window))
            return [.text(claim.name), .number(claim.amount), .number(claim.limit), .number(slice)]
        }
        let reply = await run(.reserve, .reserve, keys: [self.key("b", key)], [slices] + arguments)
        guard let numbers = reply?.array?.compactMap(\.integer), numbers.count == claims.count + 3 else {
            return local.reserve(key, claims)
        }
        return BudgetDecision(
            isGranted: numbers[0] == 1,
            used: Array(numbers[3...]),
            retryAfter: .milliseconds(numbers[1]),
            moment: Timestamp(milliseconds: Int64(numbers[2])),
        )
    }

    package func correct(_ key: String, _ amounts: [String: Int], at moment: Timestamp) async {
        let arguments = amounts.flatMap { [RedisCommand.Part.text($0.key), .number($0.value)] }
        let head: [RedisCommand.Part] = [.number(Int(SlidingWindow.slices)), .number(Int(moment.milliseconds))]
        if await run(.correct, .correct, keys: [self.key("b", key)], head + arguments) == nil {
            local.correct(key, amounts, at: moment)
        }
    }

    package func lock(_ key: String, ttl: Duration) async -> LockToken? {
        let reply = await run(.lock, .lock, keys: [self.key("k", key), .text(prefix + "f")], [life(ttl)])
        return reply?.integer.map { LockToken(key: key, fence: $0) }
    }

    package func extend(_ token: LockToken, ttl: Duration) async -> Bool {
        await run(.extend, .extend, keys: [key("k", token.key)], [.number(token.fence), life(ttl)])?.integer == 1
    }

    @discardableResult
    package func unlock(_ token: LockToken) async -> Bool {
        await run(.unlock, .unlock, keys: [key("k", token.key)], [.number(token.fence)])?.integer == 1
    }

    /// While Redis is away this process's own subscribers get the message, unless Redis may have it.
    package func publish(_ channel: String, message: [UInt8]) async {
        do throws(RedisError) {
            let start = ContinuousClock.now
            _ = try await pipeline.send(RedisCommand("PUBLISH", .text(subscriber.name(of: channel)), .bytes(message)))
            metrics.answered(.publish, since: start)
        } catch {
            metrics.degraded(.publish, error)
            if error.wasNotSent { subscriber.deliver(channel, message) }
        }
    }

    package func subscribe(_ channel: String, _ receive: @escaping @Sendable ([UInt8]) -> Void) async -> Subscription {
        await subscriber.subscribe(channel, receive)
    }

    /// How many subscriptions this process has open, on all channels.
    package var subscriberCount: Int { subscriber.subscriberCount }

    private func ask(_ operation: RedisMetrics.Operation, _ command: RedisCommand) async -> RedisReply? {
        let start = ContinuousClock.now
        do throws(RedisError) {
            let reply = try await pipeline.send(command)
            metrics.answered(operation, since: start)
            return reply
        } catch {
            metrics.degraded(operation, error)
            return nil
        }
    }

    private func run(
        _ operation: RedisMetrics.Operation,
        _ script: RedisScript,
        keys: [RedisCommand.Part],
        _ arguments: [RedisCommand.Part],
    ) async -> RedisReply? {
        let start = ContinuousClock.now
        do throws(RedisError) {
            let reply = try await send(script, keys, arguments)
            metrics.answered(operation, since: start)
            return reply
        } catch {
            metrics.degraded(operation, error)
            return nil
        }
    }

    /// A Redis that does not know the script has done nothing, so it may be sent again with its text.
    private func send(
        _ script: RedisScript,
        _ keys: [RedisCommand.Part],
        _ arguments: [RedisCommand.Part],
    ) async throws(RedisError) -> RedisReply {
        let rest = [.number(keys.count)] + keys + arguments
        do throws(RedisError) {
            return try await pipeline.send(RedisCommand(["EVALSHA", .text(script.hash)] + rest))
        } catch {
            guard case .refused(let message) = error, message.hasPrefix("NOSCRIPT") else { throw error }
            return try await pipeline.send(RedisCommand(["EVAL", .text(script.text)] + rest))
        }
    }

    private func sendStep(_ key: String, _ amount: Int, _ ttl: Duration) async throws(RedisError) -> RedisReply {
        do throws(RedisError) {
            return try await pipeline.send(RedisCommand("INCRBY", counter(key), .number(amount)))
        } catch {
            guard case .refused(let message) = error, message.contains("overflow") else { throw error }
            return try await send(.clampedIncrement, [counter(key)], [.number(amount), life(ttl)])
        }
    }

    private func value(_ key: String) -> RedisCommand.Part { self.key("v", key) }
    private func counter(_ key: String) -> RedisCommand.Part { self.key("c", key) }
    private func key(_ kind: String, _ key: String) -> RedisCommand.Part { .text("\(prefix)\(kind):\(key)") }
}

/// Redis keeps a key until the millisecond of its end is over; here it is gone when that begins.
private func life(_ ttl: Duration) -> RedisCommand.Part { .number(max(1, Int(ttl.milliseconds) - 1)) }

/// `text` as a pattern of SCAN that fits nothing else.
private func escapedGlob(_ text: String) -> String {
    String(
        text.unicodeScalars.flatMap { scalar -> [Unicode.Scalar] in
            "*?[]\\^-".unicodeScalars.contains(scalar) ? ["\\", scalar] : [scalar]
        }.map(Character.init)
    )
}
