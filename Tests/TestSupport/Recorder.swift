import Synchronization

/// Remembers what happened, in order.
package final class Recorder<Event: Sendable>: Sendable {
    private let events = Mutex<[Event]>([])
    package init() {}
    package var all: [Event] { events.withLock { $0 } }
    package func add(_ event: Event) { events.withLock { $0.append(event) } }
}
