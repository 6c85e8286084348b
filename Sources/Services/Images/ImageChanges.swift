import Jobs
import Kernel
import SharedState

/// Tells everyone who waits that a picture's job has moved on, in whichever process it runs.
struct ImageChanges: Sendable {
    let state: any SharedState
    let time: any TimeSource
    /// How often a waiter looks by itself, because messages between processes may be lost, or reach nobody while Redis
    /// is away; `nil` where one process does everything.
    let reread: Duration?

    /// Says that the job changed. Nobody waits for the telling: a reader that misses it asks again by itself.
    func publish(_ jobID: ID<Job>) {
        Task { [state] in await state.publish(Self.channel(jobID), message: []) }
    }

    /// A stream with an element for every change from now on; several may come as one, and some come without a change.
    func follow(_ jobID: ID<Job>) async -> AsyncStream<Void> {
        let told = await state.subscribe(Self.channel(jobID))
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

    private static func channel(_ jobID: ID<Job>) -> String { "images/\(jobID)" }
}
