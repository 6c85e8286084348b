import Kernel

/// The permits of one key, granted in a window that slides.
///
/// The window is cut into 64 slices and one more that fills now; each slice counts what it granted. A permit comes back
/// when its whole slice has left the window: never early, so no stretch of the window's length sees more than the limit,
/// and at most 1/64 of the window late. Unlike a log of every call, the memory does not grow with the limit.
struct SlidingWindow: Sendable {
    /// Parts of a window.
    static let slices: Int64 = 64

    /// Length of a slice, in milliseconds.
    private let slice: Int64
    /// Of the granted permits, the oldest slice first; slices without any are left out.
    private var granted: [(index: Int64, count: Int)] = []
    /// Permits that have not come back, as of the last step.
    private(set) var total = 0

    init(window: Duration) {
        slice = Self.sliceMilliseconds(of: window)
    }

    /// Length of a slice, at least 1 ms.
    static func sliceMilliseconds(of window: Duration) -> Int64 {
        max(1, (window.milliseconds + slices - 1) / slices)
    }

    /// When nothing of the window matters any more.
    var end: Timestamp {
        granted.last.map { back($0.index) } ?? Timestamp(milliseconds: 0)
    }

    /// Slices that hold permits, at most 65.
    var sliceCount: Int { granted.count }

    /// Whether the window was cut for another length, so that its counts say nothing.
    func fits(_ window: Duration) -> Bool { SlidingWindow(window: window).slice == slice }

    mutating func take(limit: Int, at now: Timestamp) -> RateLimitDecision {
        let index = now.milliseconds / slice
        forget(before: index)
        guard total < limit else { return decision(false, limit, now) }
        add(1, at: now)
        return decision(true, limit, now)
    }

    /// The time until `amount` permits are free; zero when they are, or when none is asked for.
    mutating func wait(for amount: Int, limit: Int, at now: Timestamp) -> Duration {
        forget(before: now.milliseconds / slice)
        let missing = total + amount - limit
        return amount == 0 || missing <= 0 ? .zero : wait(for: missing, now)
    }

    /// Takes permits that are free.
    mutating func add(_ amount: Int, at now: Timestamp) {
        let index = now.milliseconds / slice
        total += amount
        if granted.last?.index == index {
            granted[granted.count - 1].count += amount
        } else {
            granted.append((index, amount))
        }
    }

    /// Changes what was taken at `moment`, where that still counts; never below nothing.
    mutating func correct(by amount: Int, at moment: Timestamp, now: Timestamp) {
        forget(before: now.milliseconds / slice)
        let index = moment.milliseconds / slice
        guard let place = granted.firstIndex(where: { $0.index == index }) else { return }
        let change = max(amount, -granted[place].count)
        granted[place].count += change
        total += change
        if granted[place].count == 0 { granted.remove(at: place) }
    }

    private mutating func forget(before index: Int64) {
        // A clock that was set back would hold permits for as long as it jumped: start anew instead.
        if let last = granted.last, last.index > index { (granted, total) = ([], 0) }
        let gone = granted.prefix { $0.index < index - Self.slices }
        guard !gone.isEmpty else { return }
        total -= gone.reduce(0) { $0 + $1.count }
        granted.removeFirst(gone.count)
    }

    private func decision(_ isAllowed: Bool, _ limit: Int, _ now: Timestamp) -> RateLimitDecision {
        RateLimitDecision(
            isAllowed: isAllowed,
            remaining: max(0, limit - total),
            retryAfter: total < limit ? .zero : wait(for: total - limit + 1, now),
            resetAfter: granted.isEmpty ? .zero : end - now,
        )
    }

    /// The time until `count` permits are back, or all when there are fewer.
    private func wait(for count: Int, _ now: Timestamp) -> Duration {
        var sum = 0
        for (index, permits) in granted {
            sum += permits
            if sum >= count { return back(index) - now }
        }
        // Nothing was granted: the limit is 0, and waiting does not help. One window is as good as any answer.
        return granted.isEmpty ? .milliseconds(slice * Self.slices) : end - now
    }

    private func back(_ index: Int64) -> Timestamp { Timestamp(milliseconds: (index + Self.slices + 1) * slice) }
}
