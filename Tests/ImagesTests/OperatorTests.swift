import Accounts
import Database
import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Images

/// What the service tells about itself: `/dashboard/data`, `/api/v1/health…`.
@Suite(.timeLimit(.minutes(5))) struct OperatorTests {
    /// Every path of the original's dashboard, as jq writes it.
    static let paths = """
        system.service_name system.version system.uptime_seconds system.uptime_human system.timestamp
        system.resources.cpu.percent system.resources.cpu.count system.resources.memory.total_gb
        system.resources.memory.available_gb system.resources.memory.used_gb system.resources.memory.percent
        system.resources.disk_root.total_gb system.resources.disk_root.used_gb system.resources.disk_root.free_gb
        system.resources.disk_root.percent system.resources.process.memory_rss_mb
        system.resources.process.memory_vms_mb system.resources.process.threads
        database.status database.path database.size_mb database.connection_ok database.tables.processing_jobs
        database.tables.image_upload_events database.tables.upload_rate_limits
        database.recent_activity.last_job_created database.recent_activity.last_event_logged
        redis.status redis.connected redis.queue_lengths.celery redis.info.used_memory_human
        redis.info.used_memory_peak_human redis.info.connected_clients redis.info.uptime_in_seconds
        redis.info.total_commands_processed redis.info.instantaneous_ops_per_sec redis.info.role redis.info.redis_version
        celery.status celery.workers.active celery.workers.registered celery.workers.stats celery.tasks.active
        celery.tasks.reserved celery.tasks.scheduled celery.tasks.active_details celery.tasks.reserved_details
        celery.registered_tasks
        processing.jobs_by_status.completed processing.performance.last_hour.total
        processing.performance.last_hour.completed processing.performance.last_hour.failed
        processing.performance.last_24h.avg_processing_time_seconds
        storage.backend storage.path storage.disk_total_gb storage.disk_used_gb storage.disk_free_gb
        storage.disk_percent_used storage.total_files storage.total_images
        rate_limits.users_near_limit rate_limits.total_active_windows rate_limits.max_uploads_per_hour
        errors.error_summary.last_hour errors.error_summary.last_24h errors.error_summary.total
        configuration.rate_limit_max_uploads configuration.max_upload_size_mb configuration.webp_quality
        configuration.allowed_mime_types configuration.image_sizes configuration.celery_worker_prefetch
        configuration.celery_max_tasks_per_child
        """.split(whereSeparator: \.isWhitespace).map(String.init)

    @Test func everyPathOfTheOriginalsDashboardIsThere() async throws {
        let house = try await House(change: { $0.maxUploads = 2 })
        _ = try await house.process(PNG.plain().bytes)
        _ = try await house.process(PNG.plain().damagedBytes)
        let answer = try await house.get("/dashboard/data", by: .root)
        #expect(answer.status == 200)
        for path in Self.paths {
            let value = path.split(separator: ".").reduce(answer.json as JSON?) { $0?[String($1)] }
            #expect(value != nil, "\(path)")
        }
        let json = answer.json
        #expect(
            json["processing"]?["recent_jobs"]?.array?.first?.fields.isSuperset(of: [
                "job_id", "image_id", "status", "created_at", "completed_at", "processing_time_seconds",
            ]) == true
        )
        let failure = try #require(json["errors"]?["recent_failures"]?.array?.first)
        #expect(failure.fields == ["job_id", "image_id", "error", "attempts", "created_at", "failed_at"])
        let near = try #require(json["rate_limits"]?["users_near_limit"]?.array?.first)
        #expect(near.fields == ["user_id", "count", "limit", "window_start", "percent_used"])
        #expect(near["user_id"] == "alice" && near["percent_used"] == 100)
        #expect(json["storage"]?["total_images"] == 1 && json["storage"]?["total_files"] == 4)
        #expect(json["errors"]?["error_summary"]?["last_hour"] == 1)
        #expect(!answer.text.contains(house.path), "no path of the machine")
    }

    @Test("only operators see what concerns others", arguments: ["/dashboard/data", "/api/v1/health/failed"])
    func operatorsOnly(path: String) async throws {
        let house = try await House(hasWorker: false)
        #expect(try await house.get(path, by: .alice).status == 403)
        #expect(try await house.get(path, by: .root).status == 200)
    }

    @Test("19: the last hour was the whole calendar day")
    func lastHourIsTheLastHour() async throws {
        let time = ManualTime()
        let house = try await House(time: time)
        _ = try await house.process(PNG.plain().damagedBytes)
        _ = try await house.process(PNG.plain().bytes)
        time.advance(by: .seconds(3599))
        var data = try await house.get("/dashboard/data", by: .root).json
        #expect(data["errors"]?["error_summary"] == ["last_hour": 1, "last_24h": 1, "total": 1])
        #expect(data["processing"]?["performance"]?["last_hour"]?["total"] == 2)
        time.advance(by: .seconds(2))
        data = try await house.get("/dashboard/data", by: .root).json
        #expect(data["errors"]?["error_summary"] == ["last_hour": 0, "last_24h": 1, "total": 1])
        #expect(data["processing"]?["performance"]?["last_hour"]?["total"] == 0)
        #expect(data["processing"]?["performance"]?["last_24h"]?["completed"] == 1)
    }

    @Test("health answers with and without the slash", arguments: ["/api/v1/health", "/api/v1/health/"])
    func basicHealth(path: String) async throws {
        let house = try await House(hasWorker: false)
        let answer = try await house.get(path, by: nil)
        #expect(answer.status == 200)
        #expect(answer.fields == ["status", "service", "version", "timestamp"])
        #expect(answer.json["status"] == "healthy" && answer.json["service"] == "image-processor")
    }

    @Test func healthStatsAndFailuresHaveTheFieldsOfTheOriginal() async throws {
        let house = try await House()
        _ = try await house.process(PNG.plain().bytes)
        let bad = try await house.process(PNG.plain().damagedBytes)
        let stats = try await house.get("/api/v1/health/stats", by: nil)
        #expect(stats.fields == ["status_breakdown", "performance_24h", "storage", "celery", "timestamp"])
        #expect(stats.json["status_breakdown"] == ["completed": 1, "failed": 1])
        #expect(stats.json["performance_24h"]?.fields == ["completed_24h", "avg_processing_time_seconds"])
        #expect(stats.json["storage"] == ["total_images": 1, "total_jobs": 2])
        #expect(stats.json["celery"]?["active_workers"] == 2 && stats.json["celery"]?["active_tasks"] == 0)

        let failed = try await house.get("/api/v1/health/failed?limit=50", by: .root)
        #expect(failed.fields == ["failed_jobs", "total"])
        let job = try #require(failed.json["failed_jobs"]?.array?.first)
        #expect(job.fields == ["job_id", "image_id", "error", "attempts", "created_at", "failed_at"])
        #expect(job["job_id"] == bad["job_id"] && job["attempts"] == 1)
        #expect(try await house.get("/api/v1/health/failed?limit=0", by: .root).status == 422)
    }

    @Test func authHealthHasTheFieldsOfTheOriginal() async throws {
        let house = try await House(hasWorker: false)
        let auth = try await house.get("/api/v1/health/auth", by: nil).json
        #expect(auth.fields == ["status", "auth_api", "cache", "config", "timestamp"])
        #expect(auth["status"] == "healthy")
        #expect(auth["auth_api"]?.fields == ["url", "timeout_seconds", "circuit_breaker"])
        #expect(
            auth["auth_api"]?["circuit_breaker"]?.fields
                == ["state", "failures", "threshold", "timeout_seconds", "opened_at"]
        )
        #expect(auth["cache"]?.fields == ["enabled", "redis_connection", "redis_error", "ttl_config"])
        #expect(
            auth["cache"]?["ttl_config"]?.fields
                == ["read_seconds", "write_seconds", "admin_seconds", "denied_seconds"]
        )
    }

    @Test func featuresNameEveryCodecAndOpenOnlyWhatIsAccepted() async throws {
        let house = try await House(hasWorker: false)
        let features = try await house.get("/api/v1/health/features", by: nil).json
        #expect(features["accepts"] == ["image/jpeg", "image/png", "image/webp", "image/gif"])
        guard case .object(let codecs) = try #require(features["codecs"]) else { return }
        let open = codecs.filter { $0.value == "open" }.map(\.key)
        #expect(codecs.count > open.count)
        #expect(!open.contains { $0.contains("svg") || $0.contains("pdf") || $0.contains("jxl") })
        // Translation reads TIFF; nobody writes it.
        #expect(open.filter { $0.contains("tiff") }.allSatisfy { $0.lowercased().contains("load") })
    }
}
