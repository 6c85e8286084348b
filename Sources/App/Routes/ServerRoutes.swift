import HTTPServer
import Kernel
import Memes
import Telemetry
import Translation

/// What the server says about itself: `/health`, `/info`, `/metrics`.
struct ServerRoutes: Sendable {
    let health: Health
    let metrics: Metrics
    let serviceName: String
    let startedAt: Timestamp
    let time: any TimeSource
    /// What memes are found with, for health; `nil` where no memes are served.
    let memes: MemesModule?
    /// What translates, for health; `nil` where nothing is translated.
    let translation: TranslationModule?
    private let working: Gauge

    init(
        health: Health,
        metrics: Metrics,
        serviceName: String,
        startedAt: Timestamp,
        time: any TimeSource,
        memes: MemesModule? = nil,
        translation: TranslationModule? = nil,
    ) {
        self.health = health
        self.metrics = metrics
        self.serviceName = serviceName
        self.startedAt = startedAt
        self.time = time
        self.memes = memes
        self.translation = translation
        working = metrics.gauge(
            "health_check_up",
            "Whether a part that the process depends on works: 1 or 0.",
            labels: ["check"],
        )
    }

    func addRoutes(to router: inout Router, operatorOnly: any Middleware) {
        router.get("/health", summary)
        router.get("/health/live", live)
        router.get("/health/ready", ready)
        router.get("/info", info)
        router.get("/metrics", middleware: [operatorOnly], scrape)
    }

    /// `GET /health`: always 200 with what every original's clients look for; `/health/ready` tells the truth with
    /// its status.
    func summary(_ request: Request) async throws -> Response {
        let reports = await health.check()
        let isHealthy = reports.allSatisfy { $0.problem == nil }
        var body: JSON = [
            "status": JSON(isHealthy ? "healthy" : "degraded"),
            "service": JSON(serviceName),
            "version": JSON(Program.version),
            "timestamp": JSON(time.now),
            "uptime_seconds": JSON((time.now - startedAt).milliseconds / 1000),
            "checks": checks(reports),
            "services": services(reports),
        ]
        if let memes { body["memes"] = memes.abilities }
        if let translation {
            body["translation"] = translation.abilities
            body = body.merging(try await translation.originalHealth(isRedisWell: isWell("redis", reports)))
        }
        return .json(body)
    }

    /// The names that clients of the meme library look for, each with the state of what does its work here: `ok`, `down`
    /// or `absent`.
    private func services(_ reports: [Health.Report]) -> JSON {
        func state(_ check: String) -> JSON {
            guard let report = reports.first(where: { $0.name == check }) else { return "absent" }
            return JSON(report.problem == nil ? "ok" : "down")
        }
        return [
            "postgres": state("database"), "qdrant": JSON(memes?.hasVectors == true ? "ok" : "absent"),
            "redis": state("redis"), "minio": state("storage"),
        ]
    }

    private func isWell(_ check: String, _ reports: [Health.Report]) -> Bool {
        reports.contains { $0.name == check && $0.problem == nil }
    }

    /// `GET /health/live`: the process answers.
    func live(_ request: Request) async throws -> Response { .json(["status": "alive"]) }

    /// `GET /health/ready`: 200 when every essential part works, else 503.
    func ready(_ request: Request) async throws -> Response {
        let reports = await health.check()
        let isReady = reports.allSatisfy { $0.problem == nil || !$0.isEssential }
        return .json(
            ["status": JSON(isReady ? "ready" : "not_ready"), "checks": checks(reports)],
            status: isReady ? 200 : 503,
        )
    }

    /// `GET /info`
    func info(_ request: Request) async throws -> Response {
        .json([
            "service": JSON(serviceName),
            "version": JSON(Program.version),
            "docs": "/docs",
            "openapi": "/openapi.json",
            "health": "/health",
            "dashboard": "/dashboard/",
        ])
    }

    /// `GET /metrics`: Prometheus text; JSON on `Accept: application/json`.
    ///
    /// Every scrape probes the parts, so that an alert rests on what is so now and not on who asked for health last.
    func scrape(_ request: Request) async throws -> Response {
        let reports = await health.check()
        for report in reports { working.set(report.problem == nil ? 1 : 0, report.name) }
        let bytes = metrics.render()
        guard request.accepts("application/json") else {
            return Response(
                status: 200,
                headers: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"],
                body: .bytes(bytes),
            )
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
        let values = lines.compactMap { line -> (key: String, value: JSON)? in
            guard let space = line.lastIndex(of: " ") else { return nil }
            return (String(line[..<space]), JSON(Double(line[line.index(after: space)...])))
        }
        let original = try await translation?.originalMetrics(isRedisWell: isWell("redis", reports)) ?? [:]
        return .json(original.merging(.object(values)))
    }

    /// Which part works; why one does not is for the log, not for everyone.
    private func checks(_ reports: [Health.Report]) -> JSON {
        .object(reports.map { ($0.name, JSON($0.problem == nil ? "ok" : "failing")) })
    }
}
