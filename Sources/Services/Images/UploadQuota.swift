import Database
import Kernel

/// How many pictures a user may upload in an hour. Kept in the database, in the transaction that accepts the upload,
/// so that only accepted uploads count and no two requests can take the same place.
struct UploadQuota: Sendable {
    struct State: Sendable, Equatable {
        let limit: Int
        let used: Int
        /// When the window ends and the count starts again.
        let resetAt: Timestamp

        var remaining: Int { max(0, limit - used) }
    }

    /// Accepted uploads per user and window.
    let limit: Int
    let window: Duration

    /// Takes one place.
    ///
    /// - Throws: ``ImagesError/quotaExceeded(_:window:now:)`` when none is left.
    func take(owner: String, at now: Timestamp, in transaction: any Transaction) throws -> State {
        let start = windowStart(now)
        let rows = try transaction.query(
            """
            INSERT INTO image_upload_quota (owner, window_start, uploads) VALUES (\(owner), \(start), 1)
            ON CONFLICT (owner, window_start) DO UPDATE SET uploads = image_upload_quota.uploads + 1
            WHERE image_upload_quota.uploads < \(limit)
            RETURNING uploads
            """
        )
        guard limit > 0, let used: Int = try rows.first?.get("uploads") else {
            let state = State(limit: limit, used: limit, resetAt: start + window)
            throw ImagesError.quotaExceeded(state, window: window, now: now)
        }
        return State(limit: limit, used: used, resetAt: start + window)
    }

    /// The count now, without taking a place.
    func peek(owner: String, at now: Timestamp, in database: any Database) async throws -> State {
        let start = windowStart(now)
        let row = try await database.lookup(
            "SELECT uploads FROM image_upload_quota WHERE owner = \(owner) AND window_start = \(start)"
        )
        return State(limit: limit, used: try row?.get("uploads") ?? 0, resetAt: start + window)
    }

    /// Forgets windows that ended more than a day ago.
    func sweep(at now: Timestamp, in database: any Database) async throws {
        try await database.execute(
            "DELETE FROM image_upload_quota WHERE window_start < \(now - .seconds(86_400) - window)"
        )
    }

    /// When the window of `now` began: windows are aligned to the epoch, so hours begin on the hour in UTC.
    func windowStart(_ now: Timestamp) -> Timestamp {
        Timestamp(milliseconds: now.milliseconds - now.milliseconds % window.milliseconds)
    }
}
