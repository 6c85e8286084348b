import Database
import Kernel
import Telemetry

/// A kind of which a job must be done again and again.
struct JobMonitor: Sendable {
    let name: String
    let kind: String
    let deadline: Duration
    let enqueue: @Sendable (JobQueue, any Transaction) throws -> Void
}

/// Every statement over the table `job_monitor`.
enum MonitorStore {
    static func find(_ name: String) -> SQL { "SELECT kind, deadline, due_at FROM job_monitor WHERE name = \(name)" }

    static func save(_ monitor: JobMonitor, due: Timestamp) -> SQL {
        """
        INSERT INTO job_monitor (name, kind, deadline, due_at)
        VALUES (\(monitor.name), \(monitor.kind), \(monitor.deadline.milliseconds), \(due))
        ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, deadline = excluded.deadline, due_at = excluded.due_at
        """
    }

    /// A job of the kind is done: the deadline counts from now.
    static func restart(_ kind: String, now: Timestamp) -> SQL {
        "UPDATE job_monitor SET due_at = \(now) + deadline WHERE kind = \(kind)"
    }

    /// Changes one row where the deadline has passed and this process is the one to act.
    static func miss(_ name: String, now: Timestamp) -> SQL {
        "UPDATE job_monitor SET due_at = \(now) + deadline WHERE name = \(name) AND due_at <= \(now)"
    }
}

extension JobQueue {
    /// Watches a kind: when none of its jobs was done for `deadline`, counted from the last that was, from the last
    /// start this gave and from when the watch began, a job of `arguments` is enqueued, once for all processes together,
    /// with a warning and a count. While that job is unfinished no second one is.
    ///
    /// - Parameters:
    ///   - arguments: What the job gets.
    ///   - deadline: A little more than the time between two that are done, as a rule.
    ///   - name: Names the monitor in the table, and never changes.
    package func monitor<Arguments: JobArguments>(
        _ arguments: Arguments,
        deadline: Duration,
        name: String = Arguments.kind,
    ) {
        let monitor = JobMonitor(name: name, kind: Arguments.kind, deadline: deadline) { queue, transaction in
            try queue.enqueue(arguments, uniqueKey: "monitor \(name)", in: transaction)
        }
        add(monitor)
    }

    /// Brings the table in line with the monitors of this program.
    ///
    /// - Returns: When each deadline passes.
    func prepareMonitors() async throws -> [String: Timestamp] {
        let (monitors, now) = (self.monitors, time.now)
        guard !monitors.isEmpty else { return [:] }
        return try await database.transaction { transaction in
            var due: [String: Timestamp] = [:]
            for monitor in monitors {
                if let row = try transaction.first(MonitorStore.find(monitor.name)),
                    try row.get("kind") == monitor.kind, try row.get("deadline") == monitor.deadline.milliseconds
                {
                    due[monitor.name] = try row.get("due_at")
                    continue
                }
                due[monitor.name] = now + monitor.deadline
                try transaction.execute(MonitorStore.save(monitor, due: now + monitor.deadline))
            }
            return due
        }
    }

    /// Starts a job where its kind's deadline has passed, in the transaction that sets the next deadline.
    ///
    /// - Returns: When the deadline passes next.
    func check(_ monitor: JobMonitor) async throws -> Timestamp? {
        let now = time.now
        return try await database.transaction { [self] transaction in
            if try transaction.execute(MonitorStore.miss(monitor.name, now: now)) == 1 {
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
            return try transaction.first(MonitorStore.find(monitor.name))?.get("due_at")
        }
    }
}
