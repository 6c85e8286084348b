import Kernel
import Synchronization

/// The connection on which messages come, on a thread of its own. It stands while somebody listens; after a loss every
/// channel is subscribed again.
final class RedisSubscriber: Sendable {
    private struct Desk {
        /// Channels that got their first listener or lost their last.
        var changed: Set<String> = []
        var waiters: [(channel: String, wake: CheckedContinuation<Void, Never>)] = []
        /// Who waits until everything is subscribed, or cannot be.
        var probes: [CheckedContinuation<Void, Never>] = []
        /// Why nothing comes now.
        var problem: RedisError?
        var isClosing = false
        var isOver = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    /// What other threads leave for this one.
    private final class Mailbox: Sendable {
        let desk = Mutex(Desk())
        let bell = Bell()

        func note(_ channel: String) {
            _ = desk.withLock { $0.changed.insert(channel) }
            bell.ring()
        }
    }

    private let mailbox: Mailbox
    private let channels: MemoryChannels
    private let address: RedisAddress
    private let settings: RedisSettings
    private let events: RedisEvents
    private var prefix: String { settings.prefix + "m:" }

    init(_ address: RedisAddress, settings: RedisSettings, events: RedisEvents) {
        let mailbox = Mailbox()
        self.mailbox = mailbox
        self.address = address
        self.settings = settings
        self.events = events
        channels = MemoryChannels { mailbox.note($0) }
        startThread(name: "redis-subscribe") { self.work() }
    }

    /// How many subscriptions are open, on all channels.
    var subscriberCount: Int { channels.subscriberCount }

    /// The name of a channel in Redis.
    func name(of channel: String) -> String { prefix + channel }

    /// Gives a message to the listeners of this process.
    func deliver(_ channel: String, _ message: [UInt8]) { channels.publish(channel, message) }

    /// Returns when Redis has confirmed the subscription, or at once while it is away: then it follows.
    func subscribe(_ channel: String, _ receive: @escaping @Sendable ([UInt8]) -> Void) async -> Subscription {
        let subscription = channels.subscribe(channel, receive)
        await withCheckedContinuation { continuation in
            let waits = mailbox.desk.withLock { desk in
                desk.changed.insert(channel)
                guard desk.problem == nil, !desk.isClosing else { return false }
                desk.waiters.append((channel, continuation))
                return true
            }
            if waits { mailbox.bell.ring() } else { continuation.resume() }
        }
        return subscription
    }

    /// Returns when every channel is subscribed; tries to connect at once where the connection is lost.
    func connect() async throws(RedisError) {
        await withCheckedContinuation { probe in
            let isFine = mailbox.desk.withLock { desk in
                guard desk.problem != nil, !desk.isOver else { return true }
                desk.probes.append(probe)
                return false
            }
            if isFine { probe.resume() } else { mailbox.bell.ring() }
        }
        if let problem = mailbox.desk.withLock({ $0.problem }) { throw problem }
    }

    func close() async {
        await withCheckedContinuation { continuation in
            let isOver = mailbox.desk.withLock { desk in
                if !desk.isOver { desk.closers.append(continuation) }
                return desk.isOver
            }
            if isOver { continuation.resume() } else { abandon() }
        }
    }

    func abandon() {
        mailbox.desk.withLock { $0.isClosing = true }
        mailbox.bell.ring()
    }

    private var isClosing: Bool { mailbox.desk.withLock { $0.isClosing } }

    private func work() {
        ignoreSignalsOnThisThread()
        var backOff = BackOff()
        while !isClosing {
            var probes = takeProbes()
            guard !channels.names.isEmpty else {
                release(&probes, nil)
                if channels.names.isEmpty { _ = mailbox.bell.wait(atMost: nil) }
                continue
            }
            do throws(RedisError) {
                let context = try RedisContext.connect(address, timeout: settings.timeout)
                backOff = BackOff()
                try follow(context, &probes)
            } catch {
                events.away(error)
                release(&probes, error)
                if case .away = error { _ = mailbox.bell.wait(atMost: backOff.next()) }
            }
        }
        events.ended()
        var probes = takeProbes()
        release(&probes, .closed)
        let closers = mailbox.desk.withLock { desk in
            desk.isOver = true
            return desk.closers
        }
        for closer in closers { closer.resume() }
    }

    private func takeProbes() -> [CheckedContinuation<Void, Never>] {
        mailbox.desk.withLock { desk in
            defer { desk.probes = [] }
            return desk.probes
        }
    }

    /// Nobody waits for a connection that is lost. Those who asked while it was made are told with the others: from the
    /// moment that all is well nobody is lined up.
    private func release(_ probes: inout [CheckedContinuation<Void, Never>], _ problem: RedisError?) {
        let waiters = mailbox.desk.withLock { desk in
            desk.problem = problem
            probes += desk.probes
            desk.probes = []
            guard problem != nil else { return desk.waiters.prefix(0) }
            defer { desk.waiters = [] }
            return desk.waiters[...]
        }
        for waiter in waiters { waiter.wake.resume() }
        for probe in probes { probe.resume() }
        probes = []
    }

    /// Returns when the client closes.
    private func follow(
        _ context: borrowing RedisContext,
        _ probes: inout [CheckedContinuation<Void, Never>],
    ) throws(RedisError) {
        var subscriptions = RedisSubscriptions()
        defer { subscriptions.releaseAll() }
        for channel in channels.names { ask("SUBSCRIBE", channel, on: context, &subscriptions) }
        events.connected()
        var isSilent = false
        while try attend(context, &subscriptions) {
            switch mailbox.bell.wait(socket: context.socket, atMost: settings.silence) {
            case nil where isSilent: throw .lost("the connection is silent")
            case nil:
                isSilent = true
                context.append(RedisCommand("PING"))
            case true?:
                isSilent = false
                try context.read()
                while let reply = try context.readReply() { try receive(reply, &subscriptions) }
            case false?: break
            }
            if subscriptions.isSettled { release(&probes, nil) }
        }
    }

    /// Asks Redis for what has changed.
    ///
    /// - Returns: Whether the connection is still needed.
    private func attend(
        _ context: borrowing RedisContext,
        _ subscriptions: inout RedisSubscriptions,
    ) throws(RedisError) -> Bool {
        let (changed, waiters, isClosing) = mailbox.desk.withLock { desk in
            defer { (desk.changed, desk.waiters) = ([], []) }
            return (desk.changed, desk.waiters, desk.isClosing)
        }
        for channel in changed {
            let isWanted = channels.isListened(to: channel)
            guard isWanted != subscriptions.contains(channel) else { continue }
            ask(isWanted ? "SUBSCRIBE" : "UNSUBSCRIBE", channel, on: context, &subscriptions)
        }
        for waiter in waiters { subscriptions.wait(for: waiter.channel, waiter.wake) }
        guard !isClosing else { return false }
        try context.flush()
        return true
    }

    private func ask(
        _ verb: String,
        _ channel: String,
        on context: borrowing RedisContext,
        _ subscriptions: inout RedisSubscriptions,
    ) {
        context.append(RedisCommand([.text(verb), .text(name(of: channel))]))
        if verb == "SUBSCRIBE" { subscriptions.asked(channel) } else { subscriptions.left(channel) }
    }

    private func receive(_ reply: RedisReply, _ subscriptions: inout RedisSubscriptions) throws(RedisError) {
        if case .error(let message) = reply { throw .away(message) }
        guard let parts = reply.array, parts.count == 3, let name = parts[1].bytes else { return }
        let channel = String(decoding: name.dropFirst(prefix.utf8.count), as: UTF8.self)
        switch parts[0] {
        case .bytes(Array("message".utf8)): deliver(channel, parts[2].bytes ?? [])
        case .bytes(Array("subscribe".utf8)): subscriptions.confirmed(channel)
        default: break
        }
    }
}

/// What one connection has subscribed.
private struct RedisSubscriptions {
    /// Confirmations that are still to come, by channel.
    private var open: [String: Int] = [:]
    private var channels: Set<String> = []
    private var waiters: [String: [CheckedContinuation<Void, Never>]] = [:]

    /// Whether nothing is to be confirmed.
    var isSettled: Bool { open.isEmpty }
    func contains(_ channel: String) -> Bool { channels.contains(channel) }

    mutating func asked(_ channel: String) {
        channels.insert(channel)
        open[channel, default: 0] += 1
    }

    mutating func left(_ channel: String) { channels.remove(channel) }

    /// Only the last confirmation counts: an earlier one belongs to a subscription that was left since.
    mutating func confirmed(_ channel: String) {
        open[channel, default: 1] -= 1
        guard open[channel] == 0 else { return }
        open[channel] = nil
        for waiter in waiters.removeValue(forKey: channel) ?? [] { waiter.resume() }
    }

    mutating func wait(for channel: String, _ waiter: CheckedContinuation<Void, Never>) {
        if open[channel] == nil { waiter.resume() } else { waiters[channel, default: []].append(waiter) }
    }

    mutating func releaseAll() {
        for waiter in waiters.values.joined() { waiter.resume() }
        waiters = [:]
    }
}
