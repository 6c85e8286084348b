import Kernel
import ModelGateway

/// The models that translate, as the original counted its keys.
struct ModelKeys: Sendable {
    private(set) var total = 0
    /// Those that can be asked now.
    private(set) var active = 0
    /// Requests that they allow in a minute; 0 where nobody set a limit.
    private(set) var perMinute = 0
    private(set) var requestsToday = 0
    /// Whether there are models, and each of them is paused or has a quota that is used up.
    private(set) var isUsedUp = false

    init(_ models: ModelGateway?) async throws {
        var withRoom = 0
        for model in try await models?.status() ?? [] where model.purposes.contains(.chat) {
            total += 1
            requestsToday += model.requestsToday
            guard model.missing.isEmpty, model.pausedUntil == nil else { continue }
            active += 1
            if model.quotas.allSatisfy({ $0.used < $0.limit }) { withRoom += 1 }
            perMinute += model.quotas.first { $0.name == "requests a minute" }?.limit ?? 0
        }
        isUsedUp = total > 0 && withRoom == 0
    }
}

extension TranslationModule {
    /// What clients of the original look for in `/health`. A server without keys translates all the same.
    package func originalHealth(isRedisWell: Bool) async throws -> JSON {
        let keys = try await ModelKeys(parts.models)
        return [
            "redis_connected": JSON(isRedisWell), "gemini_healthy": JSON(keys.active > 0),
            "api_keys_count": JSON(keys.total),
        ]
    }

    /// What clients of the original look for in the JSON of `/metrics`.
    package func originalMetrics(isRedisWell: Bool) async throws -> JSON {
        let keys = try await ModelKeys(parts.models)
        return [
            "status": "healthy", "redis_connected": JSON(isRedisWell), "active_keys": JSON(keys.active),
            "total_requests": JSON(keys.requestsToday),
        ]
    }
}
