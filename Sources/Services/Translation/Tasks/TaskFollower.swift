import Kernel
import SharedState

/// Waits for results of tasks: woken when there are some, never by looking again and again.
struct TaskFollower: Sendable {
    let changes: ChangeFeed<TranslationTask>
    let tasks: TaskStore
    let time: any TimeSource

    /// The task when it has more results than `seq`, or is finished, or `deadline` has come.
    ///
    /// - Throws: ``TranslationError/taskNotFound``, also when it is deleted meanwhile.
    func wait(
        for id: ID<TranslationTask>,
        after seq: (TranslationTask) -> Int,
        until deadline: Timestamp,
    ) async throws -> TaskState {
        let changes = await changes.follow(id, until: deadline)
        // Ten thousand may wait here at once: what was read meanwhile is not kept.
        let known: Int
        do {
            let first = try await find(id)
            known = seq(first.task)
            if isEnough(first, known) || time.now >= deadline { return first }
        }
        for await _ in changes {
            let state = try await find(id)
            if isEnough(state, known) { return state }
        }
        try Task.checkCancellation()
        return try await find(id)
    }

    /// Calls `report` with the task now and after every change, until it is finished or no more.
    func follow(_ id: ID<TranslationTask>, _ report: (TaskState) async throws -> Void) async throws {
        let changes = await changes.follow(id)
        guard var current = try await tasks.find(id) else { return }
        try await report(current)
        if current.isFinal { return }
        for await _ in changes {
            guard let state = try await tasks.find(id) else { return }
            guard state != current else { continue }
            current = state
            try await report(state)
            if state.isFinal { return }
        }
    }

    private func isEnough(_ state: TaskState, _ seq: Int) -> Bool { state.isFinal || state.seq > seq }

    private func find(_ id: ID<TranslationTask>) async throws -> TaskState {
        guard let state = try await tasks.find(id) else { throw TranslationError.taskNotFound }
        return state
    }
}
