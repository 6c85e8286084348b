import Database
import Kernel

/// A job that comes back by the clock.
struct JobSchedule: Sendable {
    let name: String
    let cron: Cron
    let enqueue: @Sendable (JobQueue, any Transaction) throws -> Void
}

extension JobQueue {
    /// Brings the table in line with the schedules of this program.
    ///
    /// - Returns: When each is due next. What is in the past was missed and is due now.
    func prepareSchedules() async throws -> [String: Timestamp] {
        let (schedules, now) = (self.schedules, time.now)
        return try await database.transaction { transaction in
            var due: [String: Timestamp] = [:]
            for schedule in schedules {
                let row = try transaction.first("SELECT cron, next_at FROM job_schedule WHERE name = \(schedule.name)")
                if let row, try row.get("cron") == schedule.cron.text {
                    due[schedule.name] = try row.get("next_at")
                    continue
                }
                guard let next = schedule.cron.next(after: now) else { continue }
                try transaction.execute(
                    """
                    INSERT INTO job_schedule (name, cron, next_at)
                    VALUES (\(schedule.name), \(schedule.cron.text), \(next))
                    ON CONFLICT (name) DO UPDATE SET cron = excluded.cron, next_at = excluded.next_at
                    """
                )
                due[schedule.name] = next
            }
            return due
        }
    }

    /// Enqueues a schedule's job if it is still due at `due`, in the transaction that moves it on: of all processes
    /// and restarts exactly one finds the old time in the table.
    ///
    /// - Returns: When it is due next.
    func fire(_ schedule: JobSchedule, due: Timestamp) async throws -> Timestamp? {
        let now = time.now
        guard let next = schedule.cron.next(after: max(now, due)) else { return nil }
        return try await database.transaction { [self] transaction in
            let moved = try transaction.execute(
                """
                UPDATE job_schedule SET next_at = \(next)
                WHERE name = \(schedule.name) AND next_at = \(due) AND cron = \(schedule.cron.text)
                """
            )
            if moved == 1 {
                try schedule.enqueue(self, transaction)
                return next
            }
            return try transaction.first("SELECT next_at FROM job_schedule WHERE name = \(schedule.name)")?
                .get("next_at")
        }
    }
}
