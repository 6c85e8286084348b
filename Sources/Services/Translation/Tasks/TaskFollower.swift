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
        after seq: (TranslationTask) -> Int,
        until deadline: Timestamp,
        _ answer: (TaskState) async throws -> Answer,
    ) async throws -> Answer {
        let changes = await changes.follow(id, until: deadline)
        var change = changes.makeAsyncIterator()
        var known: Int?
        var isLast = time.now >= deadline
        while true {
            if let answer = try await look(at: id, after: seq, &known, isLast, answer) { return answer }
            isLast = await change.next() == nil
            if isLast { try Task.checkCancellation() }
        }
    }

    /// A function of its own, not a part of its caller: ten thousand may wait there at once, each with a frame that has a
    /// place for every task which is ever read in it.
    @inline(never)
    private func look<Answer: Sendable>(
        at id: ID<TranslationTask>,
        after seq: (TranslationTask) -> Int,
        _ known: inout Int?,
        _ isLast: Bool,
        _ answer: (TaskState) async throws -> Answer,
    ) async throws -> Answer? {
        guard let state = try await tasks.find(id) else { throw TranslationError.taskNotFound }
        let told = known ?? seq(state.task)
        known = told
        return isLast || state.isFinal || state.seq > told ? try await answer(state) : nil
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
