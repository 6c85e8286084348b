import HTTPServer
import Jobs
import Kernel
import ModelGateway

/// `GET /stats` in the words of the original: its workers are our permits to wait for a model, its keys our models.
struct StatsRoutes: Sendable {
    let images: TranslationImageStore
    let instance: String
    let jobs: JobQueue
    /// `nil` where no models are reached.
    let models: ModelGateway?
    let settings: TranslationSettings
    let time: any TimeSource

    /// Of the changes that are remembered, the original told the last three.
    private static let toldChanges = 3

    func stats(_ request: Request) async throws -> Response {
        let counts = try await images.counts()
        let queues = try await jobs.overview().filter { $0.queue.hasPrefix("translation.") }
        let keys = try await ModelKeys(models)
        let pending = counts[.queued] ?? 0
        let processing = [.reading, .translating, .rendering].compactMap { counts[$0] }.reduce(0, +)
        return .json([
            "queue": ["pending": JSON(pending), "processing": JSON(processing), "total": JSON(pending + processing)],
            "workers": try await workers(queues, counts, keys, pressure: pending + processing),
            "api_keys": ["total": JSON(keys.total), "active": JSON(keys.active)],
            "capacity_estimate": [
                "requests_per_minute": JSON(keys.perMinute), "max_workers": JSON(settings.maxWorkers),
                "current_workers": JSON(queues.map(\.concurrency).reduce(0, +)),
            ],
        ])
    }

    /// Pictures that wait for a quota are put back: they need no concurrency.
    private func limitingFactor(_ queue: QueueOverview?, _ keys: ModelKeys) -> String {
        if let queue, queue.delayed > 0, keys.isUsedUp { return "quota" }
        return switch queue?.limitingFactor ?? .none {
        case .max: "max_workers"
        case .queueWait: "queue"
        case let factor: factor.rawValue
        }
    }

    private func workers(
        _ queues: [QueueOverview],
        _ counts: [TranslationImage.State: Int],
        _ keys: ModelKeys,
        pressure: Int,
    ) async throws -> JSON {
        // More than there are lanes for still run just after the concurrency has shrunk.
        let active = queues.map(\.running).reduce(0, +)
        let total = max(active, queues.map(\.concurrency).reduce(0, +))
        let (successful, failed) = (counts[.completed] ?? 0, (counts[.failed] ?? 0) + (counts[.cancelled] ?? 0))
        let processed = successful + failed
        let instances = queues.map(\.workers).max() ?? 0
        let waiting = queues.first { $0.queue == TranslationModule.translateQueue }
        let changes = waiting?.scalingChanges ?? []
        return [
            "instance_id": JSON(instance),
            // All of one basis: which of them are an instance's own, no row tells.
            "total_workers": JSON(total),
            "active_workers": JSON(active),
            "idle_workers": JSON(total - active),
            "tasks_processed": JSON(processed), "tasks_successful": JSON(successful), "tasks_failed": JSON(failed),
            "success_rate": .number(100 * Double(successful) / Double(max(1, processed))),
            "avg_completion_rate": .number(try await images.finishedPerMinute(at: time.now)),
            "recent_scaling_events": JSON(changes.count),
            "last_scale_history": JSON(changes.suffix(Self.toldChanges).map(\.original)),
            "cluster_total_workers": JSON(total), "cluster_active_instances": JSON(instances),
            "cluster_available_keys": JSON(keys.active), "cluster_total_capacity": JSON(keys.perMinute),
            "cluster_max_workers": JSON(settings.maxWorkers), "queue_pressure": JSON(pressure),
            "cluster_consecutive_low_queue": JSON(waiting?.lowReadings ?? 0),
            "limiting_factor": JSON(limitingFactor(waiting, keys)),
        ]
    }
}

extension ScalingChange {
    /// As the original told it.
    fileprivate var original: JSON {
        [
            "timestamp": JSON(at), "from_workers": JSON(from), "to_workers": JSON(to), "queue_pressure": JSON(pressure),
            "reason": JSON(sentence),
        ]
    }

    private var sentence: String {
        switch reason {
        case .bounds: "settings or instances changed"
        case .idle: "sustained low pressure (pressure: \(pressure))"
        case .queueWait: "pictures waited too long (pressure: \(pressure))"
        case .quota: "the quotas can use fewer (pressure: \(pressure))"
        }
    }
}
