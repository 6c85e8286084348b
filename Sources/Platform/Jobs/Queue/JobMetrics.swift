import Telemetry

/// What the queue counts.
struct JobMetrics: Sendable {
    let enqueued: Counter
    let completed: Counter
    let failed: Counter
    let dead: Counter
    let lost: Counter
    let wait: Histogram
    let duration: Histogram
    let depth: Gauge
    let oldest: Gauge
    let running: Gauge
    let concurrency: Gauge
    let limitingFactor: Gauge
    let breakerOpen: Gauge
    let missedDeadlines: Counter

    init(_ metrics: Metrics) {
        let labels = ["queue", "kind"]
        enqueued = metrics.counter("jobs_enqueued_total", "Jobs stored.", labels: labels)
        completed = metrics.counter("jobs_completed_total", "Jobs done.", labels: labels)
        failed = metrics.counter("jobs_failed_total", "Tries that failed, the last ones included.", labels: labels)
        dead = metrics.counter("jobs_dead_total", "Jobs given up.", labels: labels)
        lost = metrics.counter("jobs_lost_total", "Jobs whose process died or stopped answering.", labels: ["queue"])
        wait = metrics.histogram(
            "job_wait_seconds",
            "From when a job could run to when it did.",
            labels: ["queue"],
            buckets: Self.seconds,
        )
        duration = metrics.histogram(
            "job_duration_seconds",
            "How long one try worked.",
            labels: labels,
            buckets: Self.seconds,
        )
        depth = metrics.gauge("job_queue_depth", "Jobs that wait, by queue.", labels: ["queue"])
        oldest = metrics.gauge(
            "job_queue_wait_seconds",
            "How long the oldest waiting job could have run, by queue.",
            labels: ["queue"],
        )
        running = metrics.gauge("jobs_running", "Jobs that run in this process, by queue.", labels: ["queue"])
        concurrency = metrics.gauge(
            "job_concurrency",
            "Jobs that may run at once in this process, by queue.",
            labels: ["queue"],
        )
        limitingFactor = metrics.gauge(
            "job_scaling_limiting_factor",
            "1 for what keeps the jobs of a queue from running sooner.",
            labels: ["queue", "factor"],
        )
        breakerOpen = metrics.gauge(
            "job_breaker_open",
            "1 while a kind of job is paused because it kept failing.",
            labels: ["kind"],
        )
        missedDeadlines = metrics.counter(
            "job_deadlines_missed_total",
            "Times a job was started again because none of its kind was done in time.",
            labels: ["kind"],
        )
    }

    func setLimitingFactor(_ factor: LimitingFactor, of queue: String) {
        for each in LimitingFactor.allCases { limitingFactor.set(each == factor ? 1 : 0, queue, each.rawValue) }
    }

    private static let seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800]
}
