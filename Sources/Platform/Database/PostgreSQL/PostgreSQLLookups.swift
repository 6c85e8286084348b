import Kernel
import Synchronization

/// Point reads: those that wait together travel together, on a connection of their own, so that many callers share
/// one way to the server. With two connections the batches are half as long, and 16 callers got a fifth less (measured
/// in docs/benchmarks.md).
final class PostgreSQLLookups: Sendable {
    private struct Lookup {
        let step: PostgreSQLStep
        /// A lost connection or a stale plan is forgiven once.
        var wasRepeated = false
        let caller: CheckedContinuation<Result<Row?, DatabaseError>, Never>
    }

    private struct State {
        var waiting: [Lookup] = []
        var isSleeping = false
        var isClosing = false
        var isOver = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let wake = Semaphore()
    private let limit: Int
    /// More in one batch would only make the first wait for the last.
    private let batchLimit = 64

    init(_ target: PostgreSQLTarget, _ backOff: PostgreSQLBackOff) {
        limit = target.settings.waiting
        startThread(name: "postgres-read") { self.work(PostgreSQLSlot(target, backOff)) }
    }

    /// - Throws: ``DatabaseError/overloaded`` when too many wait, ``DatabaseError/closed`` after ``close()``.
    func row(_ sql: SQL) async throws(DatabaseError) -> Row? {
        let step = PostgreSQLStep(sql)
        let result = await withCheckedContinuation { caller in
            let refusal = state.withLock { state -> DatabaseError? in
                if state.isClosing { return .closed }
                if state.waiting.count >= limit { return .overloaded }
                state.waiting.append(Lookup(step: step, caller: caller))
                wakeUp(&state)
                return nil
            }
            if let refusal { caller.resume(returning: .failure(refusal)) }
        }
        return try result.get()
    }

    /// Answers what waits, then ends the thread and closes its connection.
    func close() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                state.isClosing = true
                if !state.isOver { state.closers.append(continuation) }
                return state.isOver
            }
            wake.signal()
            if isOver { continuation.resume() }
        }
    }

    /// Like ``close()``, but nobody waits for it.
    func abandon() {
        state.withLock { $0.isClosing = true }
        wake.signal()
    }

    private func wakeUp(_ state: inout State) {
        guard state.isSleeping else { return }
        state.isSleeping = false
        wake.signal()
    }

    private func work(_ slot: consuming PostgreSQLSlot) {
        while let batch = next() { answer(batch, slot) }
        _ = consume slot
        let closers = state.withLock { state in
            state.isOver = true
            defer { state.closers = [] }
            return state.closers
        }
        for closer in closers { closer.resume() }
    }

    /// `nil` when no more will come.
    private func next() -> [Lookup]? {
        while true {
            let (batch, isOver) = state.withLock { state -> ([Lookup], Bool) in
                let batch = Array(state.waiting.prefix(batchLimit))
                state.waiting.removeFirst(batch.count)
                state.isSleeping = batch.isEmpty && !state.isClosing
                return (batch, batch.isEmpty && state.isClosing)
            }
            if !batch.isEmpty { return batch }
            if isOver { return nil }
            wake.wait()
        }
    }

    private func answer(_ batch: [Lookup], _ slot: PostgreSQLSlot) {
        let connection: PostgreSQLConnection
        do throws(DatabaseError) { connection = try slot.connected() } catch {
            for lookup in batch { lookup.caller.resume(returning: .failure(error)) }
            return
        }
        var again: [Lookup] = []
        for (var lookup, outcome) in zip(batch, connection.exchange(batch.map(\.step))) {
            switch outcome {
            case .done(let rows, _): lookup.caller.resume(returning: .success(rows.first))
            case .skipped: again.append(lookup)
            case .failed(let failure):
                if case .lost = failure { slot.drop() }
                if failure.isForgiven, !lookup.wasRepeated {
                    lookup.wasRepeated = true
                    again.append(lookup)
                } else {
                    lookup.caller.resume(returning: .failure(failure.error))
                }
            }
        }
        guard !again.isEmpty else { return }
        state.withLock { [again] in $0.waiting.insert(contentsOf: again, at: 0) }
    }
}

extension PostgreSQLFailure {
    fileprivate var isForgiven: Bool {
        switch self {
        case .lost, .stalePlan, .conflict: true
        case .refused: false
        }
    }
}
