import HTTPServer
import Imaging
import Jobs
import Kernel

/// What the original tells about its own state below `/api/v1/health`.
struct HealthRoutes: Sendable {
    let dashboard: DashboardData
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

    /// `GET /api/v1/health/auth`: how tokens are checked. There is no remote check to break, so the circuit is closed.
    func auth(_ request: Request) async throws -> Response {
        .json([
            "status": "healthy",
            "auth_api": [
                "url": .null, "timeout_seconds": 5,
                "circuit_breaker": [
                    "state": "closed", "failures": 0, "threshold": 5, "timeout_seconds": 60, "opened_at": .null,
                ],
            ],
            "cache": [
                "enabled": false, "redis_connection": "not_used", "redis_error": .null,
                "ttl_config": ["read_seconds": 300, "write_seconds": 60, "admin_seconds": 30, "denied_seconds": 120],
            ],
            "config": ["fail_open": false],
            "timestamp": JSON(time.now),
        ])
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
