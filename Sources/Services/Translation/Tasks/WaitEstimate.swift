import Kernel

/// How long clients will wait, from what pictures took lately.
struct WaitEstimate: Sendable {
    let images: TranslationImageStore
    /// Pictures that are worked on at once by this process.
    let lanes: Int

    /// Whole seconds until a task that comes now is done, at least 1.
    func seconds(forNew count: Int) async throws -> Int {
        try await seconds(max(count, try await images.countAhead()))
    }

    /// What a task has before it.
    struct Outlook: Sendable {
        /// Until it is done, at least 2 and at most 300, as the original told it.
        let seconds: Int
        /// Pictures whose turn is before that of its next one; `nil` when none of its pictures waits for its beginning.
        let position: Int?
    }

    func outlook(for state: TaskState) async throws -> Outlook {
        guard let last = state.images.last(where: { !$0.state.isFinal }) else {
            return Outlook(seconds: 2, position: nil)
        }
        let wait = try await seconds(try await images.countAhead(of: last.id) + 1)
        var position: Int?
        if let next = state.images.first(where: { $0.state == .queued }) {
            position = try await images.countAhead(of: next.id)
        }
        return Outlook(seconds: min(300, max(2, wait)), position: position)
    }

    private func seconds(_ pictures: Int) async throws -> Int {
        let recent = try await images.recentTimes()
        return max(1, Int(recent.wait(for: pictures, lanes: lanes).seconds.rounded(.up)))
    }
}

/// How long the latest pictures took, and how fast they came.
struct RecentTimes: Sendable, Equatable {
    /// From the beginning to the end of one.
    var mean = Duration.seconds(3)
    /// So many were finished in a second; `nil` for fewer than two.
    var perSecond: Double?

    /// Until the last of so many pictures is done: what their number takes at the rate at which others came, which
    /// knows how many are worked on at once wherever; but where few came since few were sent, no longer than they take
    /// in `lanes` side by side.
    func wait(for pictures: Int, lanes: Int) -> Duration {
        let lanes = max(1, lanes)
        let sideBySide = mean.seconds * Double((pictures + lanes - 1) / lanes)
        let oneByOne = perSecond.map { mean.seconds + Double(pictures - 1) / $0 } ?? sideBySide
        return .milliseconds(Int64(min(sideBySide, oneByOne) * 1000))
    }
}
