import Kernel
import Synchronization

/// What the process depends on, and whether each part answers.
package final class Health: Sendable {
    /// What one probe found.
    package struct Report: Sendable {
        package let name: String
        /// Why it does not work, for the log and the operator; `nil` when it does.
        package let problem: String?
        /// Without it no request can be served, so the process is not ready.
        package let isEssential: Bool
        package let duration: Duration
    }

    private let probes = Mutex<[Probe]>([])
    private let time: any TimeSource
    private let timeout: Duration

    /// A probe that takes longer than `timeout` counts as dead.
    package init(time: any TimeSource = SystemTime(), timeout: Duration = .seconds(2)) {
        self.time = time
        self.timeout = timeout
    }

    /// Adds a part; `check` uses it for real (writes a row, encodes a picture) and throws when that fails.
    package func register(_ name: String, isEssential: Bool, _ check: @escaping @Sendable () async throws -> Void) {
        probes.withLock { $0.append(Probe(name: name, isEssential: isEssential, check: check)) }
    }

    /// Runs every probe at the same time; the order is that of registration.
    package func check() async -> [Report] {
        let probes = probes.withLock { $0 }
        return await withTaskGroup(of: (Int, Report).self) { group in
            for (index, probe) in probes.enumerated() {
                group.addTask { [time, timeout] in (index, await run(probe, time, timeout)) }
            }
            var reports: [(Int, Report)] = []
            for await report in group { reports.append(report) }
            return reports.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}

private struct Probe: Sendable {
    let name: String
    let isEssential: Bool
    let check: @Sendable () async throws -> Void
}

/// A probe that hears no cancellation is left to itself: the report must come.
private func run(_ probe: Probe, _ time: any TimeSource, _ timeout: Duration) async -> Health.Report {
    let start = ContinuousClock.now
    let answer = OneShot<String?>()
    let check = Task {
        do {
            try await probe.check()
            answer.fulfil(nil)
        } catch {
            answer.fulfil("\(error)")
        }
    }
    let timer = Task {
        try await time.sleep(until: time.now + timeout)
        answer.fulfil("no answer within \(timeout)")
    }
    let problem = await answer.wait()
    check.cancel()
    timer.cancel()
    return Health.Report(
        name: probe.name,
        problem: problem,
        isEssential: probe.isEssential,
        duration: ContinuousClock.now - start,
    )
}
