import Accounts
import HTTPServer
import Imaging
import Jobs
import Kernel

/// What the original tells about its own state below `/api/v1/health`.
struct HealthRoutes: Sendable {
    let dashboard: DashboardData
    /// `nil` when nobody is asked.
    let permissions: RemotePermissions?
    let pool: WorkPool
    let time: any TimeSource

    private var statistics: ImageStatistics { dashboard.statistics }

    /// `GET /api/v1/health`: the process answers. Whether its parts do is said by `/health/ready`.
    func basic(_ request: Request) async throws -> Response {
        .json([
            "status": "healthy",
            "service": JSON(dashboard.facts.serviceName),
            "version": JSON(dashboard.facts.version),
            "timestamp": JSON(time.now),
        ])
    }

    /// `GET /api/v1/health/stats`
    func stats(_ request: Request) async throws -> Response {
        let counts = try await statistics.countByStatus()
        let day = try await statistics.performance(since: time.now - .seconds(86_400))
        let total = counts.reduce(0) { $0 + $1.count }
        return .json([
            "status_breakdown": .object(counts.map { ($0.status, JSON($0.count)) }),
            "performance_24h": [
                "completed_24h": JSON(day.completed),
                "avg_processing_time_seconds": JSON(day.meanSeconds),
            ],
            "storage": [
                "total_images": JSON(counts.first { $0.status == "completed" }?.count ?? 0), "total_jobs": JSON(total),
            ],
            "celery": [
                "active_workers": JSON(dashboard.facts.workers),
                "active_tasks": JSON(try await dashboard.runningJobs()),
            ],
            "timestamp": JSON(time.now),
        ])
    }

    /// `GET /api/v1/health/failed?limit=50`
    func failed(_ request: Request) async throws -> Response {
        let limit = try request.query("limit", as: Int.self) ?? 50
        guard (1...1000).contains(limit) else {
            throw ImagesError.badField(name: "limit", reason: "Use a number from 1 to 1000.")
        }
        let failures = try await statistics.failures(limit: limit)
        return .json(["failed_jobs": JSON(failures.map(failedJob)), "total": JSON(failures.count)])
    }

    /// `GET /api/v1/health/auth`: the service that is asked for permissions. Degraded while its circuit is not closed;
    /// without a service there is nothing to break.
    func auth(_ request: Request) async throws -> Response {
        let status = await permissions?.status()
        let settings = permissions?.settings ?? PermissionSettings()
        return .json([
            "status": status.map { $0.circuit == "closed" } ?? true ? "healthy" : "degraded",
            "auth_api": [
                "url": JSON(status?.url),
                "timeout_seconds": seconds(settings.timeout),
                "circuit_breaker": [
                    "state": JSON(status?.circuit ?? "closed"),
                    "failures": JSON(status?.failures ?? 0),
                    "threshold": JSON(settings.breakerThreshold),
                    "timeout_seconds": seconds(settings.breakerTimeout),
                    "opened_at": JSON(status?.openedAt),
                ],
            ],
            "cache": cache(settings, status),
            "config": ["fail_open": JSON(settings.failsOpen)],
            "timestamp": JSON(time.now),
        ])
    }

    private func cache(_ settings: PermissionSettings, _ status: RemotePermissions.Status?) -> JSON {
        let isUsed = status != nil && settings.isCacheEnabled
        let isReachable = status?.isCacheReachable ?? true
        return [
            "enabled": JSON(isUsed),
            "redis_connection": isUsed ? (isReachable ? "healthy" : "unhealthy") : "not_used",
            "redis_error": isReachable ? .null : "The shared state keeps nothing at the moment.",
            "ttl_config": [
                "read_seconds": seconds(settings.lifetimes.read),
                "write_seconds": seconds(settings.lifetimes.write),
                "admin_seconds": seconds(settings.lifetimes.admin),
                "denied_seconds": seconds(settings.lifetimes.denied),
            ],
        ]
    }

    /// `GET /api/v1/health/features`: what pictures are decoded and encoded with.
    func features(_ request: Request) async throws -> Response {
        let codecs = try await pool.run { try Imaging.codecs() }
        return .json([
            "accepts": JSON(dashboard.settings.allowedTypes),
            "makes": ["image/webp"],
            "codecs": .object(codecs.map { ($0.name, JSON($0.isOpen ? "open" : "blocked")) }),
        ])
    }
}

/// Whole where it can be, as the original's were.
private func seconds(_ duration: Duration) -> JSON {
    duration.milliseconds % 1000 == 0 ? .integer(duration.milliseconds / 1000) : .number(duration.seconds)
}
