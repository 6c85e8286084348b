import Database
import Kernel

/// How many pictures a user, and everyone of an organisation together, may upload in a window. Kept in the database, in
/// the transaction that accepts the upload, so that only accepted uploads count and no two requests can take the same
/// place.
///
/// Uploads are counted in 60 slices of a window. A fixed window is the sum of its own slices. A sliding one is the sum
/// of the slices that began within its length, and one more: a place comes back when its whole slice has left the
/// window, so no stretch of the window's length ever sees more than the limit, and a place is at most 1/60 late.
struct UploadQuota: Sendable {
    enum WindowKind: String, Sendable, CaseIterable {
        /// Begins on the hour in UTC, when it is an hour long.
        case fixed
        /// Ends now.
        case sliding
    }

    /// Whose uploads are counted together.
    enum Scope: String, Sendable {
        case user, organization
    }

    struct Uploader: Sendable {
        let owner: String
        let organization: String
    }

    struct State: Sendable, Equatable {
        var scope = Scope.user
        let limit: Int
        let used: Int
        /// When every place is free again.
        let resetAt: Timestamp
        /// When the next place is free, if none is now.
        let nextAt: Timestamp

        var remaining: Int { max(0, limit - used) }
    }

    /// The counts that an upload needs a place of.
    struct Standing: Sendable, Equatable {
        let user: State
        /// `nil` where organisations have no limit.
        let organization: State?

        /// What holds an uploader back first: the fewest places left and, where none is, the longest wait.
        var binding: State {
            guard let organization else { return user }
            if organization.remaining == user.remaining {
                return organization.nextAt > user.nextAt ? organization : user
            }
            return organization.remaining < user.remaining ? organization : user
        }
    }

    /// Accepted uploads per user and window.
    let limit: Int
    /// Accepted uploads per organisation and window; `nil` for any number.
    let organizationLimit: Int?
    let window: Duration
    let kind: WindowKind

    /// Such as `50 per user and hour, 500 per organization`.
    var summary: String {
        let everyone = organizationLimit.map { ", \($0) per organization" } ?? ""
        return "\(limit) per user and \(kind == .sliding ? "any " : "")\(period(window))\(everyone)"
    }

    /// Takes one place of each count.
    ///
    /// - Throws: ``ImagesError/quotaExceeded(_:window:now:)`` when one has none left.
    func take(_ uploader: Uploader, at now: Timestamp, in transaction: any Transaction) throws -> Standing {
        let standing = try standing(of: uploader, at: now) { scope, subject in
            // Whoever changes the row holds it until its transaction ends: others with the same subject wait here.
            try transaction.execute(
                """
                INSERT INTO image_upload_subject (scope, subject, last_upload)
                VALUES (\(scope.rawValue), \(subject), \(now))
                ON CONFLICT (scope, subject) DO UPDATE SET last_upload = excluded.last_upload
                """
            )
            return try transaction.query(slices(scope, subject, now))
        }
        guard standing.binding.remaining > 0 else {
            throw ImagesError.quotaExceeded(standing.binding, window: window, now: now)
        }
        try add(.user, uploader.owner, now, transaction)
        if organizationLimit != nil { try add(.organization, uploader.organization, now, transaction) }
        return try self.standing(of: uploader, at: now) { try transaction.query(slices($0, $1, now)) }
    }

    /// The counts now, without taking a place.
    func peek(_ uploader: Uploader, at now: Timestamp, in database: any Database) async throws -> Standing {
        let user = try await database.query(slices(.user, uploader.owner, now))
        let organization =
            organizationLimit == nil
            ? [] : try await database.query(slices(.organization, uploader.organization, now))
        return try standing(of: uploader, at: now) { scope, _ in scope == .user ? user : organization }
    }

    /// Forgets what ended more than a day ago.
    func sweep(at now: Timestamp, in database: any Database) async throws {
        let end = now - .seconds(86_400) - window - slice
        try await database.execute("DELETE FROM image_upload_slice WHERE slice_start < \(end)")
        try await database.execute("DELETE FROM image_upload_subject WHERE last_upload < \(end)")
    }

    /// The first slice that counts at `now` starts here or later.
    func start(at now: Timestamp) -> Timestamp {
        switch kind {
        case .fixed: windowStart(now)
        case .sliding: now - window - slice + .milliseconds(1)
        }
    }

    /// Slices that start here or later are not of this window: a clock that was set back wrote them.
    func end(at now: Timestamp) -> Timestamp {
        switch kind {
        case .fixed: windowStart(now) + window
        case .sliding: now + window
        }
    }

    private func standing(
        of uploader: Uploader,
        at now: Timestamp,
        rows: (Scope, String) throws -> [Row],
    ) throws -> Standing {
        let user = try state(.user, limit, try rows(.user, uploader.owner), now)
        guard let organizationLimit else { return Standing(user: user, organization: nil) }
        let theirs = try rows(.organization, uploader.organization)
        return Standing(user: user, organization: try state(.organization, organizationLimit, theirs, now))
    }

    private func slices(_ scope: Scope, _ subject: String, _ now: Timestamp) -> SQL {
        """
        SELECT slice_start, uploads FROM image_upload_slice
        WHERE scope = \(scope.rawValue) AND subject = \(subject)
          AND slice_start >= \(start(at: now)) AND slice_start < \(end(at: now))
        ORDER BY slice_start
        """
    }

    private func add(_ scope: Scope, _ subject: String, _ now: Timestamp, _ transaction: any Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO image_upload_slice (scope, subject, slice_start, uploads)
            VALUES (\(scope.rawValue), \(subject), \(sliceStart(now)), 1)
            ON CONFLICT (scope, subject, slice_start) DO UPDATE SET uploads = image_upload_slice.uploads + 1
            """
        )
    }

    /// `rows` are slices, the oldest first.
    private func state(_ scope: Scope, _ limit: Int, _ rows: [Row], _ now: Timestamp) throws -> State {
        let taken: [(back: Timestamp, uploads: Int)] = try rows.map {
            (back: back(try $0.get("slice_start"), now), uploads: try $0.get("uploads"))
        }
        let used = taken.reduce(0) { $0 + $1.uploads }
        var leaving = used - limit + 1
        let next = taken.first { slice in
            leaving -= slice.uploads
            return leaving <= 0
        }
        let empty = kind == .fixed ? end(at: now) : now
        // With a limit of 0 no wait helps; a window is as good an answer as any.
        let never = kind == .fixed ? end(at: now) : now + window
        return State(
            scope: scope,
            limit: limit,
            used: used,
            resetAt: taken.last?.back ?? empty,
            nextAt: used < limit ? now : next?.back ?? never,
        )
    }

    /// When the places of a slice come back.
    private func back(_ sliceStart: Timestamp, _ now: Timestamp) -> Timestamp {
        switch kind {
        case .fixed: end(at: now)
        case .sliding: sliceStart + slice + window
        }
    }

    private var slice: Duration { .milliseconds((window.milliseconds + 59) / 60) }

    private func sliceStart(_ now: Timestamp) -> Timestamp {
        let start = windowStart(now)
        let passed = now.milliseconds - start.milliseconds
        return Timestamp(milliseconds: start.milliseconds + passed - passed % slice.milliseconds)
    }

    /// When the fixed window of `now` began: they are aligned to the epoch.
    private func windowStart(_ now: Timestamp) -> Timestamp {
        Timestamp(milliseconds: now.milliseconds - now.milliseconds % window.milliseconds)
    }
}
