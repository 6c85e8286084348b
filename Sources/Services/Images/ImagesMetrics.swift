import Kernel
import Telemetry

/// The metrics of the images service, by the names that dashboards of the original use.
struct ImagesMetrics: Sendable {
    let uploads: Counter
    let jobs: Counter
    let processing: Histogram
    let encoded: Counter
    let storedBytes: Gauge
    let copied: Counter
    let rejections: Counter
    let usage: QuotaGauge

    /// What the original's alerts ask for and the queue counts under its own names.
    private static let aliases = [
        "celery_queue_length": "job_queue_depth",
        "celery_task_duration_seconds": "job_duration_seconds",
        "celery_tasks_total": "image_processing_jobs_total",
        "image_processing_jobs_active": "jobs_running",
    ]

    init(_ metrics: Metrics, time: any TimeSource) {
        uploads = metrics.counter("image_uploads_total", "Uploads by outcome.", labels: ["status"])
        jobs = metrics.counter("image_processing_jobs_total", "Image jobs by outcome.", labels: ["status"])
        processing = metrics.histogram(
            "image_processing_duration_seconds",
            "From the start of the work on a picture to each stored size.",
            labels: ["size"],
        )
        encoded = metrics.counter("image_encoded_total", "Sizes encoded, equal ones once.", labels: ["size"])
        storedBytes = metrics.gauge(
            "image_storage_bytes",
            "Bytes stored since the start, by size.",
            labels: ["size"],
        )
        copied = metrics.counter("image_copied_total", "Pictures whose sizes were copied from an equal one.")
        rejections = metrics.counter("rate_limit_rejections_total", "Uploads refused by the hourly limit.")
        usage = QuotaGauge(metrics, time: time)
        for (alias, name) in Self.aliases { metrics.alias(alias, of: name) }
    }
}
