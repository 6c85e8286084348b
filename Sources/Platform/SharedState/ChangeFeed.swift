import Kernel

/// Tells everyone who waits for a thing that it has moved on, in whichever process it did.
package struct ChangeFeed<Subject>: Sendable {
    private let name: String
    private let state: any SharedState
    private let time: any TimeSource
    private let reread: Duration?

    /// - Parameters:
    ///   - name: Keeps this feed's messages apart from others', such as `images`.
    ///   - state: Carries the messages.
    ///   - time: Measures `reread`.
    ///   - reread: How often a waiter looks by itself, because messages between processes may be lost, or reach nobody while
    ///     Redis is away; `nil` where one process does everything.
    package init(_ name: String, state: any SharedState, time: any TimeSource, reread: Duration?) {
        self.name = name
        self.state = state
        self.time = time
        self.reread = reread
    }

    /// Says that it changed. Nobody waits for the telling: a reader that misses it asks again by itself.
    package func publish(_ id: ID<Subject>) {
        let channel = channel(id)
        Task { [state] in await state.publish(channel, message: []) }
    }

    /// A stream with an element for every change from now on; several may come as one, and some come without a change.
    package func follow(_ id: ID<Subject>) async -> AsyncStream<Void> {
        let told = await state.subscribe(channel(id))
        let (changes, change) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let listening = Task { for await _ in told { change.yield() } }
        let looking = reread.map { reread in
            Task { [time] in
                while true {
                    try await time.sleep(until: time.now + reread)
                    change.yield()
                }
            }
        }
        change.onTermination = { _ in
            listening.cancel()
            looking?.cancel()
        }
        return changes
    }

    private func channel(_ id: ID<Subject>) -> String { "\(name)/\(id)" }
}
