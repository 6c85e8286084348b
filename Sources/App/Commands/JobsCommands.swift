import Jobs
import Kernel
import Translation
import Web

/// `pictor jobs`
struct JobsCommand: Command {
    static let name = "jobs"
    static let summary = "Show the queues, or the jobs in a state"
    static let options =
        commonOptions + [
            .option(
                "--state",
                "STATE",
                "List jobs that are \(JobState.allCases.map(\.rawValue).joined(separator: ", ")).",
            ),
            .option("--queue", "NAME", "Only this queue."),
            .option("--limit", "N", "At most so many jobs (50)."),
            .flag("--json", "Print JSON."),
        ]
    static let examples = ["pictor jobs", "pictor jobs --state dead --queue images"]
    static let details = """
        May run beside the server. See also: pictor jobs requeue, pictor jobs cancel, pictor jobs resume.
        """

    private let arguments: Arguments
    private let state: JobState?
    private let limit: Int

    init(_ arguments: Arguments) throws {
        try arguments.requireNoWords()
        self.arguments = arguments
        state = try arguments.value("--state").map { text throws(UsageError) in
            guard let state = JobState(rawValue: text) else { throw UsageError(description: "'\(text)' is no state") }
            return state
        }
        limit = try arguments.integer("--limit", in: 1...10_000) ?? 50
    }

    func run() async throws -> Int32 {
        let opened = try await OpenStores(Settings(layers(arguments)))
        if let state {
            let jobs = try await opened.jobs.jobs(in: state, queue: arguments.value("--queue"), limit: limit)
            Terminal.print(arguments.has("--json") ? JSON(jobs.map(jobJSON)).prettyText : table(jobs, state))
        } else {
            let wanted = arguments.value("--queue")
            let queues = try await opened.jobs.overview().filter { wanted == nil || $0.queue == wanted }
            let time = opened.time.now
            Terminal.print(
                arguments.has("--json")
                    ? JSON(queues.map { queueJSON($0, now: time) }).prettyText : table(queues, now: time)
            )
        }
        await opened.close()
        return ExitCode.success
    }

    private func table(_ jobs: [Job], _ state: JobState) -> String {
        guard !jobs.isEmpty else { return "No job is \(state.rawValue)." }
        let rows = jobs.map { job in
            [
                job.id.description, job.queue, job.kind, "\(job.tries)",
                (job.finishedAt ?? job.startedAt ?? job.runAt).rfc3339, job.reason?.detail ?? job.note ?? "",
            ]
        }
        return Terminal.table(["ID", "QUEUE", "KIND", "TRIES", "SINCE", "REASON"], rows)
    }

    private func table(_ queues: [QueueOverview], now: Timestamp) -> String {
        let rows = queues.map { queue in
            [
                queue.queue, "\(queue.ready)", "\(queue.delayed)", "\(queue.running)", "\(queue.dead)",
                queue.waitingSince.map { elapsed(now - $0) } ?? "–", "\(queue.doneLastMinute)",
                QueueOverview.quantile(0.5, of: queue.waits).map(elapsed) ?? "–",
                QueueOverview.quantile(0.5, of: queue.works).map(elapsed) ?? "–", "\(queue.concurrency)",
                queue.limitingFactor?.rawValue ?? "no worker",
            ]
        }
        let table = Terminal.table(
            [
                "QUEUE", "READY", "DELAYED", "RUNNING", "DEAD", "OLDEST", "DONE/MIN", "WAIT P50", "WORK P50", "AT ONCE",
                "LIMIT",
            ],
            rows,
        )
        return ([table] + queues.flatMap(\.paused).map { sentence($0, now) }).joined(separator: "\n")
    }

    private func sentence(_ paused: PausedKind, _ now: Timestamp) -> String {
        let end =
            switch paused.resumesAt {
            case nil: "until you resume it"
            case let time? where time > now: "until one job is let through at \(time.rfc3339)"
            case _?: "until one job is let through, now that its time has come"
            }
        return """
            \(paused.kind) kept failing (\(paused.reason)) and is paused since \(paused.since.rfc3339), \(end): \
            pictor jobs resume \(paused.kind)
            """
    }
}

/// `pictor jobs requeue`
struct JobsRequeueCommand: Command {
    static let name = "jobs requeue"
    static let summary = "Bring dead or cancelled jobs back, with all their tries"
    static let usage = "[OPTION]… ID…"
    static let options =
        commonOptions + [
            .flag("--all", "Every dead job."), .option("--queue", "NAME", "With --all: only this queue."),
        ]
    static let examples = [
        "pictor jobs requeue 01993f3e-7c4a-7b52-9d1e-3f0c5a8b2d64", "pictor jobs requeue --all --queue images",
    ]

    private let arguments: Arguments
    private let ids: [ID<Job>]

    init(_ arguments: Arguments) throws {
        self.arguments = arguments
        ids = try jobIDs(arguments)
        if ids.isEmpty != arguments.has("--all") { throw UsageError(description: "name the jobs, or use --all") }
    }

    func run() async throws -> Int32 {
        let opened = try await openWithAllJobs(arguments)
        var wanted = ids
        if arguments.has("--all") {
            let queue = arguments.value("--queue")
            wanted = try await opened.jobs.jobs(in: .dead, queue: queue, limit: 100_000).map(\.id)
        }
        var requeued = 0
        for id in wanted {
            if try await opened.jobs.requeue(id) {
                requeued += 1
            } else {
                Terminal.printError("\(id) is neither dead nor cancelled; left as it is.")
            }
        }
        await opened.close()
        Terminal.print("Requeued \(requeued) of \(wanted.count) jobs.")
        return requeued == wanted.count ? ExitCode.success : ExitCode.failure
    }
}

/// `pictor jobs cancel`
struct JobsCancelCommand: Command {
    static let name = "jobs cancel"
    static let summary = "End jobs: waiting ones at once, running ones as soon as they notice"
    static let usage = "[OPTION]… ID…"
    static let options = commonOptions
    static let examples = ["pictor jobs cancel 01993f3e-7c4a-7b52-9d1e-3f0c5a8b2d64"]

    private let arguments: Arguments
    private let ids: [ID<Job>]

    init(_ arguments: Arguments) throws {
        self.arguments = arguments
        ids = try jobIDs(arguments)
        if ids.isEmpty { throw UsageError(description: "name the jobs") }
    }

    func run() async throws -> Int32 {
        let opened = try await openWithAllJobs(arguments)
        var isComplete = true
        for id in ids {
            switch try await opened.jobs.cancel(id) {
            case .cancelled: Terminal.print("\(id) is cancelled.")
            case .requested: Terminal.print("\(id) runs and was told to stop.")
            case .nothing:
                isComplete = false
                Terminal.printError("\(id) has finished, or there is no such job.")
            }
        }
        await opened.close()
        return isComplete ? ExitCode.success : ExitCode.failure
    }
}

/// `pictor jobs resume`
struct JobsResumeCommand: Command {
    static let name = "jobs resume"
    static let summary = "Let kinds of jobs go on that are paused because they kept failing"
    static let usage = "[OPTION]… KIND|QUEUE…"
    static let options = commonOptions
    static let examples = ["pictor jobs resume images.make_variants"]

    private let arguments: Arguments

    init(_ arguments: Arguments) throws {
        self.arguments = arguments
        if arguments.words.isEmpty { throw UsageError(description: "name the kinds or queues") }
    }

    func run() async throws -> Int32 {
        let opened = try await openWithAllJobs(arguments)
        var isComplete = true
        for name in arguments.words {
            let kinds = try await opened.jobs.resume(name)
            for kind in kinds { Terminal.print("\(kind) goes on.") }
            guard kinds.isEmpty else { continue }
            isComplete = false
            Terminal.printError("No kind of job and no queue called '\(name)' is paused.")
        }
        await opened.close()
        return isComplete ? ExitCode.success : ExitCode.failure
    }
}

/// Opens what holds the jobs, with the definitions of all of them: they say what a change means for the rows beside it.
private func openWithAllJobs(_ arguments: Arguments) async throws -> OpenStores {
    let settings = try Settings(layers(arguments))
    let opened = try await OpenStores(settings)
    try translationModule(settings, opened.surroundings(settings), draws: false).registerJobs()
    return opened
}

private func jobIDs(_ arguments: Arguments) throws(UsageError) -> [ID<Job>] {
    try arguments.words.map { word throws(UsageError) in
        guard let id = ID<Job>(word) else { throw UsageError(description: "'\(word)' is no id of a job") }
        return id
    }
}
