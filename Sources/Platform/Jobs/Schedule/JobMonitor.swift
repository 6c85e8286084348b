import Database
import Kernel
import Telemetry

/// From when a monitor's deadline counts.
package enum MonitorStart: String, Sendable, SQLBindable, SQLDecodable {
    /// From the last job of the kind that was done: one must be done again and again.
    case done
    /// From the first enqueued since: one must be done once one was asked for, by whatever.
    case enqueued
}

/// A kind of which a job must be done in time.
struct JobMonitor: Sendable {
    let name: String
    let kind: String
    let starts: MonitorStart
    let deadline: Duration
    let enqueue: @Sendable (JobQueue, any Transaction) throws -> Void
}

/// Every statement over the table `job_monitor`.
enum MonitorStore {
    static func find(_ name: String) -> SQL { "SELECT kind, starts, deadline FROM job_monitor WHERE name = \(name)" }

    static func save(_ monitor: JobMonitor, due: Timestamp?) -> SQL {
        """
        \(insert(monitor, due)) ON CONFLICT (name) DO UPDATE
        SET kind = excluded.kind, starts = excluded.starts, deadline = excluded.deadline, due_at = excluded.due_at
        """
    }

    /// Begins to count where nothing counts yet.
    static func arm(_ monitor: JobMonitor, from moment: Timestamp) -> SQL {
        """
        \(insert(monitor, moment + monitor.deadline)) ON CONFLICT (name) DO UPDATE
        SET due_at = COALESCE(job_monitor.due_at, excluded.due_at)
        """
    }

    private static func insert(_ monitor: JobMonitor, _ due: Timestamp?) -> SQL {
        """
        INSERT INTO job_monitor (name, kind, starts, deadline, due_at)
        VALUES (\(monitor.name), \(monitor.kind), \(monitor.starts), \(monitor.deadline.milliseconds), \(due))
        """
    }

    /// A job of the kind is done: the deadline counts from now, or from the next enqueued.
    static func restart(_ kind: String, now: Timestamp) -> SQL {
        "UPDATE job_monitor SET due_at = CASE starts WHEN 'done' THEN \(now) + deadline END WHERE kind = \(kind)"
    }

    static func overdue(_ now: Timestamp) -> SQL { "SELECT name FROM job_monitor WHERE due_at <= \(now)" }

    /// Changes one row where the deadline has passed and this process is the one to act.
    static func miss(_ name: String, now: Timestamp) -> SQL {
        "UPDATE job_monitor SET due_at = \(now) + deadline WHERE name = \(name) AND due_at <= \(now)"
    }
}

extension JobQueue {
    /// Watches a kind: when none of its jobs is done within `deadline`, a job of `arguments` is enqueued, once per
    /// deadline and for all processes together, with a warning and a count. While that job is unfinished no second one
    /// is stored.
    ///
    /// - Parameters:
    ///   - arguments: What the job gets.
    ///   - deadline: How long it may take, some seconds more or less.
    ///   - start: From when the deadline counts; after a miss it counts from the miss.
    ///   - name: Names the monitor in the table, and never changes.
    package func monitor<Arguments: JobArguments>(
        _ arguments: Arguments,
        deadline: Duration,
        from start: MonitorStart,
        name: String = Arguments.kind,
    ) {
        let kind = Arguments.kind
        let monitor = JobMonitor(name: name, kind: kind, starts: start, deadline: deadline) { queue, transaction in
            try queue.enqueue(arguments, uniqueKey: "monitor \(name)", in: transaction)
        }
        add(monitor)
    }

    /// Brings the table in line with the monitors of this program.
    func prepareMonitors() async throws {
        let (monitors, now) = (self.monitors, time.now)
        guard !monitors.isEmpty else { return }
        try await database.transaction { transaction in
            for monitor in monitors {
                if let row = try transaction.first(MonitorStore.find(monitor.name)),
                    try row.get("kind") == monitor.kind, try row.get("starts") == monitor.starts,
                    try row.get("deadline") == monitor.deadline.milliseconds
                {
                    continue
                }
                let due = monitor.starts == .done ? now + monitor.deadline : nil
                try transaction.execute(MonitorStore.save(monitor, due: due))
            }
        }
    }

    /// Starts a job of every kind whose deadline has passed.
    func checkMonitors() async throws {
        let monitors = self.monitors
        guard !monitors.isEmpty else { return }
        for row in try await database.query(MonitorStore.overdue(time.now)) {
            let name: String = try row.get("name")
            if let monitor = monitors.first(where: { $0.name == name }) { try await check(monitor) }
        }
    }

    /// Starts a job where the deadline has passed, in the transaction that sets the next one.
    private func check(_ monitor: JobMonitor) async throws {
        let now = time.now
        try await database.transaction { [self] transaction in
            guard try transaction.execute(MonitorStore.miss(monitor.name, now: now)) == 1 else { return }
            try monitor.enqueue(self, transaction)
            transaction.afterCommit { [metrics, log] in
                metrics.missedDeadlines.add(1, monitor.kind)
                log.warning(
                    "job deadline missed",
                    [
                        "job.kind": monitor.kind, "monitor": monitor.name,
                        "deadline.s": "\(Int(monitor.deadline.seconds))",
                    ],
                )
            }
        }
    }
}
