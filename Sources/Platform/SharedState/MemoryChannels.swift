import Synchronization

/// Who listens to which channel in this process.
final class MemoryChannels: Sendable {
    private struct State {
        var listeners: [String: [Int: Listener]] = [:]
        var lastID = 0
    }

    typealias Listener = @Sendable ([UInt8]) -> Void

    private let state = Mutex(State())
    /// Held while a message is given out, so that all listeners see messages in the same order. A listener that leaves
    /// never takes it: it may do so under its task's own lock, which resuming the task needs as well (see
    /// withTaskCancellationHandler), so with one lock for both a message and a farewell could wait for each other.
    private let order = Mutex(())
    private let onLastGone: @Sendable (String) -> Void

    /// - Parameter onLastGone: Told the channel whose last listener has left.
    init(onLastGone: @escaping @Sendable (String) -> Void = { _ in }) { self.onLastGone = onLastGone }

    /// The channels that somebody listens to.
    var names: [String] { state.withLock { Array($0.listeners.keys) } }

    func isListened(to channel: String) -> Bool { state.withLock { $0.listeners[channel] != nil } }

    var subscriberCount: Int { state.withLock { $0.listeners.values.reduce(0) { $0 + $1.count } } }

    func publish(_ channel: String, _ message: [UInt8]) {
        order.withLock { _ in
            let listeners = state.withLock { $0.listeners[channel] } ?? [:]
            for listener in listeners.values { listener(message) }
        }
    }

    func subscribe(_ channel: String, _ listener: @escaping Listener) -> Subscription {
        let id = state.withLock { state in
            state.lastID += 1
            state.listeners[channel, default: [:]][state.lastID] = listener
            return state.lastID
        }
        return Subscription { [weak self] in self?.remove(id, from: channel) }
    }

    private func remove(_ id: Int, from channel: String) {
        // The listener must be released outside of the lock: its end may call back here.
        let (listener, isEmpty) = state.withLock { state in
            let listener = state.listeners[channel]?.removeValue(forKey: id)
            let isEmpty = state.listeners[channel]?.isEmpty == true
            if isEmpty { state.listeners[channel] = nil }
            return (listener, isEmpty)
        }
        if isEmpty { onLastGone(channel) }
        _ = listener
    }
}
