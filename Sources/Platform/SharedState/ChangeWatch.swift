import Kernel
import Synchronization

/// Looks from time to time at everything that somebody in this process follows: messages between processes may be lost, or
/// reach nobody while Redis is away. It asks for all at once, so that ten thousand who wait cost a few queries.
package final class ChangeWatch<Subject>: Sendable {
    /// Says how far the things have come, by texts that differ when the things do; those that are gone are left out.
    package typealias Reader = @Sendable ([ID<Subject>]) async throws -> [ID<Subject>: String]

    private struct Followed {
        /// How it was at the last look; an outer `nil` before the first, an inner one when it was gone.
        var version: String??
        var followers: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private struct State {
        var followed: [ID<Subject>: Followed] = [:]
        var lastFollower = 0
        var looking: Task<Void, Never>?
    }

    /// Ids in one question.
    private static var batch: Int { 1000 }

    private let state = Mutex(State())
    private let time: any TimeSource
    private let period: Duration
    private let read: Reader

    /// - Parameters:
    ///   - period: How late a change may be told whose message was lost.
    ///   - time: Measures it.
    ///   - read: Gets at most 1000 ids. When it throws, the next look makes up for it.
    package init(every period: Duration, time: any TimeSource, read: @escaping Reader) {
        self.period = period
        self.time = time
        self.read = read
    }

    deinit { state.withLock { $0.looking }?.cancel() }

    /// Has `change` told of what differs from look to look, and once at the first: what changed before it is not known.
    ///
    /// - Returns: What ``remove(_:from:)`` takes.
    func add(_ change: AsyncStream<Void>.Continuation, to id: ID<Subject>) -> Int {
        state.withLock { state in
            state.lastFollower += 1
            state.followed[id, default: Followed()].followers[state.lastFollower] = change
            if state.looking == nil { state.looking = begin() }
            return state.lastFollower
        }
    }

    func remove(_ follower: Int, from id: ID<Subject>) {
        // Both end outside of the lock, since their ends may call back here.
        let (change, looking) = state.withLock { state in
            let change = state.followed[id]?.followers.removeValue(forKey: follower)
            if state.followed[id]?.followers.isEmpty == true { state.followed[id] = nil }
            guard state.followed.isEmpty else { return (change, nil as Task<Void, Never>?) }
            defer { state.looking = nil }
            return (change, state.looking)
        }
        looking?.cancel()
        _ = change
    }

    private func begin() -> Task<Void, Never> {
        Task { [weak self, time, period] in
            while (try? await time.sleep(until: time.now + period)) != nil { await self?.look() }
        }
    }

    private func look() async {
        let ids = state.withLock { Array($0.followed.keys) }
        for start in stride(from: 0, to: ids.count, by: Self.batch) {
            let some = Array(ids[start..<min(start + Self.batch, ids.count)])
            guard let versions = try? await read(some) else { continue }
            for change in changes(among: some, versions) { change.yield() }
        }
    }

    private func changes(
        among ids: [ID<Subject>],
        _ versions: [ID<Subject>: String],
    ) -> [AsyncStream<Void>.Continuation] {
        state.withLock { state in
            var changes: [AsyncStream<Void>.Continuation] = []
            for id in ids {
                guard let followed = state.followed[id], followed.version != .some(versions[id]) else { continue }
                state.followed[id]?.version = .some(versions[id])
                changes += followed.followers.values
            }
            return changes
        }
    }
}
