import Synchronization

/// What a subscriber of ``Database/announcements(_:)`` hears.
package enum Announcement: Sendable, Equatable {
    /// Somebody called ``Database/announce(_:_:)``, in this process or another.
    case said(String)
    /// From here on nothing is missed that is announced, but before it something may have been: look at the tables.
    /// Comes first of all, and after every broken connection.
    case missed
}

/// The subscribers of this process, by channel. A slow one keeps its newest announcements only.
final class AnnouncementHub: Sendable {
    private struct Subscriber {
        let stream: AsyncStream<Announcement>.Continuation
        /// Nothing was said to it yet.
        var isNew = true
    }

    private struct State {
        var subscribers: [String: [Int: Subscriber]] = [:]
        var next = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let kept = 1024

    /// A new subscriber; hears nothing before ``welcome(_:)``.
    func subscribe(_ channel: String) -> AsyncStream<Announcement> {
        let (stream, subscriber) = AsyncStream<Announcement>.makeStream(bufferingPolicy: .bufferingNewest(kept))
        let key = state.withLock { state -> Int? in
            if state.isClosed { return nil }
            state.next += 1
            state.subscribers[channel, default: [:]][state.next] = Subscriber(stream: subscriber)
            return state.next
        }
        guard let key else {
            subscriber.finish()
            return stream
        }
        subscriber.onTermination = { [weak self] _ in self?.remove(key, from: channel) }
        return stream
    }

    /// Channels that somebody listens to.
    var channels: Set<String> { state.withLock { Set($0.subscribers.keys) } }

    /// The channel is heard from now on: those who are new are told so.
    func welcome(_ channel: String) {
        let new = state.withLock { state in
            let new = (state.subscribers[channel] ?? [:]).filter(\.value.isNew)
            for key in new.keys { state.subscribers[channel]?[key]?.isNew = false }
            return new.values.map(\.stream)
        }
        for stream in new { stream.yield(.missed) }
    }

    func tell(_ channel: String, _ announcement: Announcement) {
        let streams = state.withLock { ($0.subscribers[channel] ?? [:]).values.filter { !$0.isNew }.map(\.stream) }
        for stream in streams { stream.yield(announcement) }
    }

    /// Ends every stream, and those that are asked for later.
    func close() {
        let subscribers = state.withLock { state in
            state.isClosed = true
            let subscribers = state.subscribers.values.flatMap(\.values).map(\.stream)
            state.subscribers = [:]
            return subscribers
        }
        for subscriber in subscribers { subscriber.finish() }
    }

    private func remove(_ key: Int, from channel: String) {
        state.withLock { state in
            state.subscribers[channel]?[key] = nil
            if state.subscribers[channel]?.isEmpty == true { state.subscribers[channel] = nil }
        }
    }
}
