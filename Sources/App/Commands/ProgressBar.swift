import Kernel

/// Progress of long work: a bar that is drawn over on a terminal, a plain line now and then elsewhere.
struct ProgressBar {
    /// May grow while more is found.
    var total: Int
    private let unit: String
    private let startedAt: ContinuousClock.Instant
    private var lastDrawn: ContinuousClock.Instant?

    /// `unit`: What is counted, such as `files`.
    init(total: Int, unit: String) {
        self.total = total
        self.unit = unit
        startedAt = .now
    }

    /// Draws the state, at most ten times a second on a terminal and every ten seconds elsewhere.
    mutating func show(_ done: Int, _ note: String) {
        let pause: Duration = Terminal.isInteractive ? .milliseconds(100) : .seconds(10)
        let isLast = done == total
        if let lastDrawn, ContinuousClock.now - lastDrawn < pause, !isLast { return }
        lastDrawn = .now
        if Terminal.isInteractive {
            Terminal.draw("\r\u{1B}[K\(bar(done)) \(done)/\(total) \(unit)  \(rest(done))  \(note.suffix(40))")
        } else if !isLast {
            Terminal.printError("\(done) of \(total) \(unit), \(rest(done))")
        }
    }

    /// Clears the bar.
    func finish() {
        if Terminal.isInteractive { Terminal.draw("\r\u{1B}[K") }
    }

    private func bar(_ done: Int) -> String {
        let width = 24
        let filled = total == 0 ? width : width * done / total
        return "[" + String(repeating: "█", count: filled) + String(repeating: "·", count: width - filled) + "]"
    }

    private func rest(_ done: Int) -> String {
        guard done > 0, done < total else { return done == total ? "done" : "starting" }
        let elapsed = (ContinuousClock.now - startedAt).seconds
        let left = Int(elapsed / Double(done) * Double(total - done))
        return left >= 60 ? "\(left / 60) min \(left % 60) s left" : "\(left) s left"
    }
}
