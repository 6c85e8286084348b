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

    /// Whether there is such a picture of a task that nobody removes.
    func isThere(_ id: ID<TranslationImage>) async throws -> Bool {
        try await database.lookup(
            """
            SELECT 1 AS there FROM translation_image
            WHERE id = \(id) AND EXISTS (SELECT 1 FROM translation_task WHERE id = task_id AND accepted = 1)
            """
        ) != nil
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

    /// The pictures of a task that are in work, in the order of their turns.
    func open(of task: ID<TranslationTask>) async throws -> [OpenPicture] {
        try await database.query(Self.inWork(of: task)).map { row in
            let job: JobState? = try row.get("job_state")
            return OpenPicture(
                job: try row.get("job_id"),
                turn: try row.get("turn"),
                state: try row.get("state"),
                since: job == .running ? try row.get("since") : nil,
                runAt: job == .delayed ? try row.get("run_at") : nil,
            )
        }
    }

    static func inWork(of task: ID<TranslationTask>) -> SQL {
        """
        SELECT job_id, turn, translation_image.state, job.state AS job_state, job.started_at AS since, run_at
        FROM translation_image LEFT JOIN job ON job.id = job_id
        WHERE task_id = \(task) AND translation_image.completed_at IS NULL AND job_id IS NOT NULL ORDER BY position
        """
    }

    /// Of the pictures that were translated lately.
    func latest() async throws -> WaitEstimate.Latest {
        var stages: [[Double]] = [[], [], []]
        var begun: Timestamp?
        for row in try await database.query(Self.latestTimes) {
            for (stage, column) in ["read_ms", "translate_ms", "render_ms"].enumerated() {
                if let time: Int = try row.get(column) { stages[stage].append(Double(time) / 1000) }
            }
            guard let start: Timestamp = try row.get("started_at") else { continue }
            begun = min(begun ?? start, start)
        }
        return WaitEstimate.Latest(times: RecentTimes(stages), begun: begun)
    }

    static let latestTimes: SQL = """
        SELECT started_at, read_ms, translate_ms, render_ms FROM translation_image
        WHERE completed_at IS NOT NULL ORDER BY completed_at DESC LIMIT \(RecentTimes.sample)
        """

    /// Pictures that were finished in a second.
    func rate(of window: Duration, until now: Timestamp) async throws -> Double {
        Double(try await countFinished(since: now - window)) / window.seconds
    }

    /// Pictures that were finished in a minute, on average of the last ten.
    func finishedPerMinute(at now: Timestamp) async throws -> Double {
        Double(try await countFinished(since: now - .seconds(600))) / 10
    }

    private func countFinished(since moment: Timestamp) async throws -> Int {
        try await database.first(Self.finished(since: moment))?.get("n") ?? 0
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

    /// The job of the picture's next stage; how long the one before it worked is kept.
    func setJob(
        _ job: ID<Job>,
        of id: ID<TranslationImage>,
        at now: Timestamp,
        in transaction: any Transaction,
    ) throws {
        let worked = Self.worked(until: now)
        try transaction.execute(
            """
            UPDATE translation_image SET job_id = \(job), read_ms = COALESCE(read_ms, \(worked)),
                translate_ms = CASE WHEN read_ms IS NULL THEN NULL ELSE \(worked) END
            WHERE id = \(id)
            """
        )
    }

    /// For how long the picture's job runs, in milliseconds; `NULL` while it has none.
    private static func worked(until now: Timestamp) -> SQL {
        "(SELECT \(now) - started_at FROM job WHERE job.id = job_id)"
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
                render_ms = CASE WHEN completed_at IS NULL THEN \(Self.worked(until: change.at)) ELSE render_ms END,
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
