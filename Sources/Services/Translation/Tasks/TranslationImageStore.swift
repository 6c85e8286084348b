import Database
import Images
import Imaging
import Jobs
import Kernel

/// What a new picture of a task knows.
struct NewTranslationImage: Sendable {
    let id: ID<TranslationImage>
    let task: ID<TranslationTask>
    let position: Int
    /// Names what is on it: equal ones are equal pictures.
    let contentHash: String
    /// `nil` for a picture that is stored as it was sent.
    let sent: SentFile?
    let fileName: String
    /// 0 where it is not known before the picture is made.
    let width: Int
    let height: Int
    /// What is to be known before any work.
    var flags: [String] = []
}

/// The queries about the pictures of tasks.
struct TranslationImageStore: Sendable {
    let database: any Database

    // MARK: Reading

    func find(_ id: ID<TranslationImage>) async throws -> TranslationImage? {
        try await database.lookup("SELECT \(TranslationImage.columns) FROM translation_image WHERE id = \(id)")
            .map(TranslationImage.init(row:))
    }

    /// What was read on the other pictures of the task so far, in order.
    func words(beside image: TranslationImage) async throws -> [String] {
        try await database.query(
            """
            SELECT \(TranslationImage.columns) FROM translation_image
            WHERE task_id = \(image.task) AND id <> \(image.id) AND blocks IS NOT NULL ORDER BY position LIMIT 20
            """
        ).map { Self.words(of: try TranslationImage(row: $0)) }
    }

    /// What was read on a picture, as one text.
    static func words(of image: TranslationImage) -> String { image.blocks.map(\.text).joined(separator: " / ") }

    /// How many pictures are in each state.
    func counts() async throws -> [TranslationImage.State: Int] {
        let rows = try await database.query("SELECT state, COUNT(*) AS n FROM translation_image GROUP BY state")
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.get("state"), try $0.get("n")) })
    }

    /// How many pictures wait whose turn is before this one's, or altogether; counted up to ``longestCount``.
    func countAhead(of id: ID<TranslationImage>? = nil) async throws -> Int {
        try await database.first(Self.ahead(of: id))?.get("n") ?? 0
    }

    /// Who waits behind so many does not care how many more they are, and every new task counts.
    static let longestCount = 10_000

    static func ahead(of id: ID<TranslationImage>?) -> SQL {
        let before: SQL = id.map { "AND turn < (SELECT turn FROM translation_image WHERE id = \($0))" } ?? ""
        return """
            SELECT COUNT(*) AS n FROM (
                SELECT id FROM translation_image
                WHERE completed_at IS NULL AND job_id IS NOT NULL \(before) LIMIT \(longestCount)
            ) AS waiting
            """
    }

    /// Of the pictures that were translated lately.
    func recentTimes() async throws -> RecentTimes {
        let rows = try await database.query(Self.latestTimes)
        var times: [(start: Timestamp, end: Timestamp)] = []
        for row in rows where try row.get("state") == TranslationImage.State.completed {
            guard let start: Timestamp = try row.get("started_at"), let end: Timestamp = try row.get("completed_at")
            else { continue }
            times.append((start, end))
        }
        var recent = RecentTimes()
        guard let latest = times.first, let earliest = times.last else { return recent }
        let total = times.map { ($0.end - $0.start).milliseconds }.reduce(0, +)
        recent.mean = .milliseconds(total / Int64(times.count))
        let span = (latest.end - earliest.end).seconds
        if span > 0 { recent.perSecond = Double(times.count - 1) / span }
        return recent
    }

    /// Those that failed are left out afterwards: a condition on the state would take the wrong index.
    static let latestTimes: SQL = """
        SELECT state, started_at, completed_at FROM translation_image
        WHERE completed_at IS NOT NULL ORDER BY completed_at DESC LIMIT 40
        """

    /// Pictures that were finished in a minute, on average of the last ten.
    func finishedPerMinute(at now: Timestamp) async throws -> Double {
        let count = try await database.first(Self.finished(since: now - .seconds(600)))?.get("n", as: Int.self) ?? 0
        return Double(count) / 10
    }

    static func finished(since moment: Timestamp) -> SQL {
        "SELECT COUNT(*) AS n FROM translation_image WHERE completed_at IS NOT NULL AND completed_at > \(moment)"
    }

    // MARK: Changes, each inside the caller's transaction

    func insert(_ image: NewTranslationImage, in transaction: any Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO translation_image (id, task_id, position, state, content_hash, sent_key, sent_page, file_name,
                width_px, height_px, flags)
            VALUES (\(image.id), \(image.task), \(image.position), 'queued', \(image.contentHash), \(image.sent?.key),
                \(image.sent?.page), \(image.fileName), \(image.width), \(image.height), \(JSON(image.flags)))
            """
        )
    }

    func setJob(_ job: ID<Job>, of id: ID<TranslationImage>, in transaction: any Transaction) throws {
        try transaction.execute("UPDATE translation_image SET job_id = \(job) WHERE id = \(id)")
    }

    /// The jobs that work on pictures of tasks which are not finished, in the order in which jobs are locked.
    func jobs(of tasks: [ID<TranslationTask>], in transaction: any Transaction) throws -> [ID<Job>] {
        try transaction.query(
            """
            SELECT job_id FROM translation_image WHERE task_id IN (\(list: tasks)) AND job_id IS NOT NULL
                AND state NOT IN ('completed', 'failed', 'cancelled') ORDER BY job_id
            """
        ).map { try $0.get("job_id") }
    }

    /// What a stage works on; `nil` when it was deleted meanwhile.
    func work(on id: ID<TranslationImage>, in transaction: any Transaction) throws -> StageWork? {
        try transaction.first("SELECT \(TranslationImage.columns) FROM translation_image WHERE id = \(id)")
            .flatMap { try work(on: TranslationImage(row: $0), in: transaction) }
    }

    /// Notes that the reading of a picture begins; `nil` when it is not there or not in work any more.
    func begin(_ id: ID<TranslationImage>, at now: Timestamp, in transaction: any Transaction) throws -> StageWork? {
        try transaction.first(
            """
            UPDATE translation_image SET state = 'reading', started_at = COALESCE(started_at, \(now))
            WHERE id = \(id) AND state IN ('queued', 'reading') RETURNING \(TranslationImage.columns)
            """
        ).flatMap { try work(on: TranslationImage(row: $0), in: transaction) }
    }

    private func work(on image: TranslationImage, in transaction: any Transaction) throws -> StageWork? {
        try transaction.first("SELECT \(TranslationTask.columns) FROM translation_task WHERE id = \(image.task)")
            .map { StageWork(image: image, task: try TranslationTask(row: $0)) }
    }

    /// Notes that the picture was made of what was sent.
    func setMade(_ picture: StoredPicture, of id: ID<TranslationImage>, in transaction: any Transaction) throws {
        let size = picture.header.size
        try transaction.execute(
            """
            UPDATE translation_image SET sent_key = NULL, sent_page = NULL, content_hash = \(picture.contentHash),
                width_px = \(size.width), height_px = \(size.height)
            WHERE id = \(id)
            """
        )
    }

    /// - Returns: Whether the picture is there and still in work.
    func setRead(
        _ blocks: [TranslatedBlock],
        of id: ID<TranslationImage>,
        in transaction: any Transaction,
    ) throws -> Bool {
        try transaction.execute(
            """
            UPDATE translation_image SET state = 'translating', blocks = \(JSON(blocks.map(\.json)))
            WHERE id = \(id) AND state IN ('queued', 'reading')
            """
        ) == 1
    }

    /// - Returns: Whether the picture is there and still in work.
    func setTranslated(
        _ result: TranslationResult,
        of id: ID<TranslationImage>,
        in transaction: any Transaction,
    ) throws -> Bool {
        try transaction.execute(
            """
            UPDATE translation_image SET state = 'rendering', blocks = \(JSON(result.blocks.map(\.json))),
                source = \(result.source), provider = \(result.provider), model = \(result.model),
                flags = \(JSON(result.flags))
            WHERE id = \(id) AND state = 'translating'
            """
        ) == 1
    }

    /// The number of a drawing that is about to be made of a picture: no other one gets it, also when neither is taken.
    ///
    /// - Returns: `nil` when the picture is gone or was changed since `revision`.
    func nextDrawing(of id: ID<TranslationImage>, since revision: Int, in transaction: any Transaction) throws -> Int? {
        try transaction.first(
            """
            UPDATE translation_image SET drawings = CASE WHEN drawings > revision THEN drawings ELSE revision END + 1
            WHERE id = \(id) AND revision = \(revision) RETURNING drawings
            """
        )?.get("drawings")
    }

    /// The picture is done, or was drawn anew: `flags` are added.
    func setRendered(
        _ blocks: [TranslatedBlock],
        _ change: Rendering,
        of id: ID<TranslationImage>,
        in transaction: any Transaction,
    ) throws {
        try transaction.execute(
            """
            UPDATE translation_image SET state = 'completed', blocks = \(JSON(blocks.map(\.json))),
                flags = \(JSON(change.flags)), revision = \(change.revision), seq = \(change.seq),
                width_px = \(change.size.width), height_px = \(change.size.height),
                completed_at = COALESCE(completed_at, \(change.at))
            WHERE id = \(id)
            """
        )
    }

    /// What is noted with a rendering.
    struct Rendering: Sendable {
        let flags: [String]
        let revision: Int
        let seq: Int
        /// The picture's, upright: the places of its words are in it.
        let size: PixelSize
        let at: Timestamp
    }

    func setFailed(
        _ id: ID<TranslationImage>,
        _ state: TranslationImage.State,
        code: String,
        message: String,
        seq: Int,
        at now: Timestamp,
        in transaction: any Transaction,
    ) throws {
        try transaction.execute(
            """
            UPDATE translation_image SET state = \(state), error_code = \(code), error = \(message), seq = \(seq),
                completed_at = \(now)
            WHERE id = \(id)
            """
        )
    }

    /// Takes a failure back.
    ///
    /// - Returns: The task, when the picture is there and was given up.
    func reopen(
        _ id: ID<TranslationImage>,
        as state: TranslationImage.State,
        in transaction: any Transaction,
    ) throws -> ID<TranslationTask>? {
        try transaction.first(
            """
            UPDATE translation_image SET state = \(state), error_code = NULL, error = NULL, seq = 0, completed_at = NULL
            WHERE id = \(id) AND state IN ('failed', 'cancelled') RETURNING task_id
            """
        )?.get("task_id")
    }
}

/// What a provider made of the blocks of a picture.
struct TranslationResult: Sendable {
    var blocks: [TranslatedBlock]
    /// BCP 47.
    var source: String?
    var provider: String
    var model: String?
    var flags: [String] = []
    /// What its parts are remembered as.
    var memory: [String] = []
    /// A model's drawing of it; `nil` when this machine draws.
    var drawing: StoredDrawing?
}
