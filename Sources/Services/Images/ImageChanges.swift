import Jobs
import Kernel
import SharedState

/// Tells everyone who waits that a picture's job has moved on, in whichever process it runs.
struct ImageChanges: Sendable {
    let state: any SharedState

    /// Says that the job changed. Nobody waits for the telling: a reader that misses it asks again by itself.
    func publish(_ jobID: ID<Job>) {
        Task { [state] in await state.publish(Self.channel(jobID), message: []) }
    }

    /// A stream with an element for every change from now on; several may come as one.
    func follow(_ jobID: ID<Job>) async -> AsyncStream<[UInt8]> {
        await state.subscribe(Self.channel(jobID))
    }

    private static func channel(_ jobID: ID<Job>) -> String { "images/\(jobID)" }
}
