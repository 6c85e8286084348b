import Kernel
import Synchronization

/// Point reads: those that wait together travel together, on connections of their own, so that many callers share
/// one way to the server. Two threads, so that one batch is on its way while the other's callers go on.
final class PostgreSQLLookups: Sendable {
    private struct Lookup {
        let step: PostgreSQLStep
        /// A lost connection or a stale plan is forgiven once.
        var wasRepeated = false
        let caller: CheckedContinuation<Result<Row?, DatabaseError>, Never>
    }

    private struct State {
        var waiting: [Lookup] = []
        var sleeping = 0
        var threads = 2
        var isClosing = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let wake = Semaphore()
    private let limit: Int
    /// More in one batch would only make the first wait for the last.
    private let batchLimit = 64

    init(_ target: PostgreSQLTarget, _ backOff: PostgreSQLBackOff) {
        limit = target.settings.waiting
        for index in 0..<2 {
            startThread(name: "postgres-read-\(index)") { self.work(PostgreSQLSlot(target, backOff)) }
        }
    }

    /// - Throws: ``DatabaseError/overloaded`` when too many wait, ``DatabaseError/closed`` after ``close()``.
    func row(_ sql: SQL) async throws(DatabaseError) -> Row? {
        let step = PostgreSQLStep(sql)
        let result = await withCheckedContinuation { caller in
            let refusal = state.withLock { state -> DatabaseError? in
                if state.isClosing { return .closed }
                if state.waiting.count >= limit { return .overloaded }
                state.waiting.append(Lookup(step: step, caller: caller))
                wakeOne(&state)
                return nil
            }
            if let refusal { caller.resume(returning: .failure(refusal)) }
        }
        return try result.get()
    }

    /// Answers what waits, then ends the threads and closes their connections.
    func close() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                state.isClosing = true
                if state.threads > 0 { state.closers.append(continuation) }
                return state.threads == 0
            }
            for _ in 0..<2 { wake.signal() }
            if isOver { continuation.resume() }
        }
    }

    /// Like ``close()``, but nobody waits for it.
    func abandon() {
        state.withLock { $0.isClosing = true }
        for _ in 0..<2 { wake.signal() }
    }

    private func wakeOne(_ state: inout State) {
        guard state.sleeping > 0 else { return }
        state.sleeping -= 1
        wake.signal()
    }

    private func work(_ slot: consuming PostgreSQLSlot) {
        while let batch = next() { answer(batch, slot) }
        _ = consume slot
        let closers = state.withLock { state in
            state.threads -= 1
            guard state.threads == 0 else { return [CheckedContinuation<Void, Never>]() }
            let closers = state.closers
            state.closers = []
            return closers
        }
        for closer in closers { closer.resume() }
    }

    /// `nil` when no more will come.
    private func next() -> [Lookup]? {
        while true {
            let (batch, isOver) = state.withLock { state -> ([Lookup], Bool) in
                let batch = Array(state.waiting.prefix(batchLimit))
                state.waiting.removeFirst(batch.count)
                if batch.isEmpty, !state.isClosing { state.sleeping += 1 }
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
