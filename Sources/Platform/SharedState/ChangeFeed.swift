import Kernel

/// Tells everyone who waits for a thing that it has moved on, in whichever process it did.
package struct ChangeFeed<Subject>: Sendable {
    private let name: String
    private let state: any SharedState
    private let deadlines: Deadlines
    private let watch: ChangeWatch<Subject>?

    /// - Parameters:
    ///   - name: Keeps this feed's messages apart from others', such as `images`.
    ///   - state: Carries the messages.
    ///   - time: Ends what is followed until a moment.
    ///   - watch: Finds what no message told; `nil` where one process does everything, and loses none.
    package init(_ name: String, state: any SharedState, time: any TimeSource, watch: ChangeWatch<Subject>?) {
        self.name = name
        self.state = state
        deadlines = Deadlines(time: time)
        self.watch = watch
    }

    /// Says that it changed. Nobody waits for the telling: a reader that misses it asks again by itself.
    package func publish(_ id: ID<Subject>) {
        let channel = channel(id)
        Task { [state] in await state.publish(channel, message: []) }
    }

    /// A stream with an element for every change from now on; several may come as one, and some come without a change. It
    /// ends at `deadline`, if there is one, or when its reader's task is cancelled.
    package func follow(_ id: ID<Subject>, until deadline: Timestamp? = nil) async -> AsyncStream<Void> {
        let (changes, change) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let subscription = await state.subscribe(channel(id)) { _ in change.yield() }
        let ending = deadline.map { deadlines.add($0) { change.finish() } }
        let watching = watch?.add(change, to: id)
        change.onTermination = { [deadlines, watch] _ in
            subscription.cancel()
            if let ending { deadlines.remove(ending) }
            if let watching { watch?.remove(watching, from: id) }
        }
        return changes
    }

    private func channel(_ id: ID<Subject>) -> String { "\(name)/\(id)" }
}
