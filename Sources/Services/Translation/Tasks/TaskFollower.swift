import Kernel
import SharedState

/// Waits for results of tasks: woken when there are some, never by looking again and again.
struct TaskFollower: Sendable {
    let changes: ChangeFeed<TranslationTask>
    let tasks: TaskStore
    let time: any TimeSource

    /// What `answer` makes of the task when it has more results than `seq`, or is finished, or `deadline` has come.
    ///
    /// - Throws: ``TranslationError/taskNotFound``, also when it is deleted meanwhile.
    func wait<Answer: Sendable>(
        for id: ID<TranslationTask>,
        after seq: @escaping @Sendable (TranslationTask) -> Int,
        until deadline: Timestamp,
        _ answer: @escaping @Sendable (TaskState) async throws -> Answer,
    ) async throws -> Answer {
        let changes = await changes.follow(id, until: deadline)
        var change = changes.makeAsyncIterator()
        var known: Int?
        var isLast = time.now >= deadline
        while true {
            // Ten thousand may wait here at once.
            let found = try await onOwnStack { [known, isLast] in
                try await look(at: id, since: known, after: seq, isLast, answer)
            }
            switch found {
            case .enough(let answer): return answer
            case .soFar(let told): known = told
            }
            isLast = await change.next() == nil
            if isLast { try Task.checkCancellation() }
        }
    }

    private enum Look<Answer: Sendable>: Sendable {
        case enough(Answer)
        /// The number of the last result that was known at the first look.
        case soFar(Int)
    }

    private func look<Answer: Sendable>(
        at id: ID<TranslationTask>,
        since known: Int?,
        after seq: (TranslationTask) -> Int,
        _ isLast: Bool,
        _ answer: (TaskState) async throws -> Answer,
    ) async throws -> Look<Answer> {
        guard let state = try await tasks.find(id) else { throw TranslationError.taskNotFound }
        let known = known ?? seq(state.task)
        return isLast || state.isFinal || state.seq > known ? .enough(try await answer(state)) : .soFar(known)
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
}
