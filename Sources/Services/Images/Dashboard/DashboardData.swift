import Database
import Jobs
import Kernel
import ObjectStore
import Telemetry

/// The nine sections of `/dashboard/data`, field by field as the original's; what is new stands behind.
struct DashboardData: Sendable {
    let facts: ServerFacts
    let jobs: JobQueue
    let objects: any ObjectStore
    let settings: ImagesSettings
    let statistics: ImageStatistics
    let time: any TimeSource
    let quota: UploadQuota

    func json() async throws -> JSON {
        [
            "system": system(),
            "database": try await database(),
            "redis": redis(try await waiting()),
            "celery": try await workers(),
            "processing": try await processing(),
            "storage": try await storage(),
            "rate_limits": try await rateLimits(),
            "errors": try await errors(),
            "configuration": configuration(),
        ]
    }

    private func system() -> JSON {
        let machine = MachineStatistics.read(path: facts.dataFolder)
        return [
            "service_name": JSON(facts.serviceName),
            "version": JSON(facts.version),
            "uptime_seconds": JSON((time.now - facts.startedAt).milliseconds / 1000),
            "uptime_human": JSON(humanDuration(time.now - facts.startedAt)),
            "timestamp": JSON(time.now),
            "resources": [
                "cpu": ["percent": JSON(rounded(machine.cpuPercent)), "count": JSON(machine.cores)],
                "memory": [
                    "total_gb": JSON(gigabytes(machine.memoryTotal)),
                    "available_gb": JSON(gigabytes(machine.memoryAvailable)),
                    "used_gb": JSON(gigabytes(machine.memoryTotal - machine.memoryAvailable)),
                    "percent": JSON(percent(machine.memoryTotal - machine.memoryAvailable, of: machine.memoryTotal)),
                ],
                "disk_root": [
                    "total_gb": JSON(gigabytes(machine.diskTotal)),
                    "used_gb": JSON(gigabytes(machine.diskTotal - machine.diskFree)),
                    "free_gb": JSON(gigabytes(machine.diskFree)),
                    "percent": JSON(percent(machine.diskTotal - machine.diskFree, of: machine.diskTotal)),
                ],
                "process": [
                    "memory_rss_mb": JSON(megabytes(machine.processResident)),
                    "memory_vms_mb": JSON(megabytes(machine.processVirtual)),
                    "threads": JSON(machine.processThreads),
                ],
            ],
        ]
    }

    private func database() async throws -> JSON {
        let last = try await statistics.lastActivity()
        let tables = try await statistics.tableCounts()
        return [
            "status": "healthy",
            "path": JSON(facts.databaseName),
            "size_mb": JSON(megabytes(await facts.databaseBytes())),
            "connection_ok": true,
            "tables": .object(tables.map { ($0.name, JSON($0.rows)) }),
            "recent_activity": [
                "last_job_created": JSON(last.job),
                "last_event_logged": JSON(last.event),
            ],
        ]
    }

    /// Pictor has no Redis of its own on one machine; the queue's length stands where the original's scripts look.
    private func redis(_ waiting: Int) -> JSON {
        [
            "status": "not_used", "connected": false,
            "info": [
                "used_memory_human": .null, "used_memory_peak_human": .null, "connected_clients": .null,
                "uptime_in_seconds": .null, "total_commands_processed": .null, "instantaneous_ops_per_sec": .null,
                "role": .null, "redis_version": .null,
            ],
            "queue_lengths": ["celery": JSON(waiting)],
        ]
    }

    private func waiting() async throws -> Int { try await jobs.depth(queue: ImagesModule.queue) }

    private func workers() async throws -> JSON {
        let running = try await runningJobs()
        let registered: JSON = [JSON(MakeVariants.kind)]
        return [
            "status": JSON(facts.workers > 0 ? "healthy" : "no_workers"),
            "workers": [
                "active": JSON(facts.workers), "registered": JSON(facts.workers), "stats": [:],
            ],
            "tasks": [
                "active": JSON(running), "reserved": 0, "scheduled": JSON(try await waiting()),
                "active_details": [], "reserved_details": [],
            ],
            "registered_tasks": registered,
        ]
    }

    func runningJobs() async throws -> Int {
        try await jobs.counts().first { $0.queue == ImagesModule.queue && $0.state == .running }?.count ?? 0
    }

    private func processing() async throws -> JSON {
        let counts = try await statistics.countByStatus()
        let recent = try await ImageStore(database: statistics.database).newest(before: nil, status: nil, limit: 10)
        return [
            "jobs_by_status": .object(counts.map { ($0.status, JSON($0.count)) }),
            "performance": [
                "last_hour": performance(try await statistics.performance(since: time.now - .seconds(3600))),
                "last_24h": performance(try await statistics.performance(since: time.now - .seconds(86_400))),
            ],
            "recent_jobs": JSON(recent.map(recentJob)),
            "uploads_per_minute": JSON(try await statistics.uploadsPerMinute(now: time.now).map { JSON($0) }),
        ]
    }

    private func performance(_ numbers: ImageStatistics.Performance) -> JSON {
        [
            "total": JSON(numbers.total),
            "completed": JSON(numbers.completed),
            "failed": JSON(numbers.failed),
            "avg_processing_time_seconds": JSON(numbers.meanSeconds.map(rounded)),
            "p50_processing_time_seconds": JSON(numbers.p50Seconds.map(rounded)),
            "p95_processing_time_seconds": JSON(numbers.p95Seconds.map(rounded)),
        ]
    }

    private func recentJob(_ image: ImageRecord) -> JSON {
        let duration = image.completedAt.flatMap { end in image.startedAt.map { (end - $0).seconds } }
        return [
            "job_id": JSON(image.jobID),
            "image_id": JSON(image.id),
            "status": JSON(image.status.rawValue),
            "created_at": JSON(image.createdAt),
            "completed_at": JSON(image.completedAt),
            "processing_time_seconds": JSON(duration.map(rounded)),
        ]
    }

    private func storage() async throws -> JSON {
        let machine = MachineStatistics.read(path: facts.dataFolder)
        let stored = try await statistics.storedFiles()
        let images = try await statistics.countByStatus().first { $0.status == "completed" }?.count ?? 0
        return [
            "backend": "local",
            "path": JSON(facts.storageName),
            "disk_total_gb": JSON(gigabytes(machine.diskTotal)),
            "disk_used_gb": JSON(gigabytes(machine.diskTotal - machine.diskFree)),
            "disk_free_gb": JSON(gigabytes(machine.diskFree)),
            "disk_percent_used": JSON(percent(machine.diskTotal - machine.diskFree, of: machine.diskTotal)),
            "total_files": JSON(stored.files),
            "total_images": JSON(images),
            "total_bytes": JSON(stored.bytes),
        ]
    }

    private func rateLimits() async throws -> JSON {
        let window = quota.start(at: time.now)..<quota.end(at: time.now)
        let users = try await near(.user, "user_id", quota.limit, window)
        let organizations = try await near(.organization, "organization_id", quota.organizationLimit, window)
        return [
            "users_near_limit": users,
            "total_active_windows": JSON(try await statistics.activeUsers(in: window)),
            "max_uploads_per_hour": JSON(quota.limit),
            "organizations_near_limit": organizations,
            "max_uploads_per_organization": JSON(quota.organizationLimit),
            "window_kind": JSON(quota.kind.rawValue),
            "window_seconds": JSON(quota.window.milliseconds / 1000),
            "summary": JSON(quota.summary),
        ]
    }

    /// Who has used most of what `limit` allows; nobody without one.
    private func near(
        _ scope: UploadQuota.Scope,
        _ name: String,
        _ limit: Int?,
        _ window: Range<Timestamp>,
    ) async throws -> JSON {
        guard let limit else { return [] }
        let near = try await statistics.nearLimit(scope, limit, in: window).map { found -> JSON in
            .object([
                (name, JSON(found.subject)),
                ("count", JSON(found.count)),
                ("limit", JSON(limit)),
                ("window_start", JSON(window.lowerBound)),
                ("percent_used", JSON(percent(Int64(found.count), of: Int64(limit)))),
            ])
        }
        return JSON(near)
    }

    private func errors() async throws -> JSON {
        [
            "recent_failures": JSON(try await statistics.failures(limit: 10).map(failedJob)),
            "error_summary": [
                "last_hour": JSON(try await statistics.failureCount(since: time.now - .seconds(3600))),
                "last_24h": JSON(try await statistics.failureCount(since: time.now - .seconds(86_400))),
                "total": JSON(try await statistics.failureCount(since: nil)),
            ],
        ]
    }

    private func configuration() -> JSON {
        [
            "rate_limit_max_uploads": JSON(settings.maxUploads),
            "max_upload_size_mb": JSON(settings.maxUploadBytes / 1_048_576),
            "webp_quality": JSON(settings.webpQuality),
            "allowed_mime_types": JSON(settings.allowedTypes),
            "image_sizes": .object(settings.sizes.map { ($0.name, JSON($0.pixels)) }),
            "celery_worker_prefetch": 1,
            "celery_max_tasks_per_child": 0,
        ]
    }
}

/// A failed job as the lists of the original show it.
func failedJob(_ image: ImageRecord) -> JSON {
    [
        "job_id": JSON(image.jobID),
        "image_id": JSON(image.id),
        "error": JSON(image.error),
        "attempts": JSON(image.attempts),
        "created_at": JSON(image.createdAt),
        "failed_at": JSON(image.completedAt),
    ]
}

private func gigabytes(_ bytes: Int64) -> Double { rounded(Double(bytes) / 1_073_741_824) }
private func megabytes(_ bytes: Int64) -> Double { rounded(Double(bytes) / 1_048_576) }
private func percent(_ part: Int64, of whole: Int64) -> Double { rounded(100 * Double(part) / Double(max(1, whole))) }
private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }

/// Such as `2d 4h 11m`.
private func humanDuration(_ duration: Duration) -> String {
    let minutes = duration.milliseconds / 60_000
    let parts = [(minutes / 1440, "d"), (minutes / 60 % 24, "h"), (minutes % 60, "m")]
    return parts.drop { $0.0 == 0 && $0.1 != "m" }.map { "\($0.0)\($0.1)" }.joined(separator: " ")
}
