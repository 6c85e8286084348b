import Kernel
import SharedState

/// Tells everyone who waits that a task has moved on, in whichever process it does.
struct TaskChanges: Sendable {
    let state: any SharedState
    let time: any TimeSource
    /// How often a waiter looks by itself, because messages between processes may be lost; `nil` where one process does
    /// everything.
    let reread: Duration?

    /// Says that the task changed. Nobody waits for the telling.
    func publish(_ task: ID<TranslationTask>) {
        Task { [state] in await state.publish(Self.channel(task), message: []) }
    }

    /// A stream with an element for every change from now on; several may come as one, and some come without a change.
    func follow(_ task: ID<TranslationTask>) async -> AsyncStream<Void> {
        let told = await state.subscribe(Self.channel(task))
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

    private static func channel(_ task: ID<TranslationTask>) -> String { "translation/\(task)" }
}
