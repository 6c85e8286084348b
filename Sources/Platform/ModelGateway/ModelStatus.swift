import Kernel
import SharedState

/// How a model is.
package struct ModelStatus: Sendable {
    /// A quota and what is left of it.
    package struct Quota: Sendable, Hashable {
        /// Such as `requests a minute`.
        package let name: String
        package let used: Int
        package let limit: Int
    }

    package let model: ModelName
    package let kind: ProviderKind
    package let purposes: [ModelPurpose]
    /// For which of its purposes it is the first choice.
    package let isFirstFor: [ModelPurpose]
    /// Minutes only as this process knows them, unless the state is shared.
    package let quotas: [Quota]
    /// `closed`, `open` or `half_open`.
    package let breaker: String
    /// Why it is left alone; `nil` while it is not.
    package let reason: ModelWait.Reason?
    package let pausedUntil: Timestamp?
    package let requestsToday: Int
    package let errorsToday: Int
    package let tokensToday: Int
    package let costToday: Double
    /// What keeps it from being used.
    package let missing: [String]
}

extension ModelGateway {
    /// Every model that is set up, in the order of the settings. Asks no provider.
    package func status() async throws -> [ModelStatus] {
        var all: [ModelStatus] = []
        for entry in settings.entries { all.append(try await status(entry)) }
        return all
    }

    private func status(_ entry: ModelEntry) async throws -> ModelStatus {
        let today = try await quotas.usage.day(entry.name, QuotaDay(time.now, entry.kind.quotaZone))
        let breaker = await links[entry.name]?.breaker.status()
        let isOpen = breaker?.state ?? "closed" != "closed"
        return ModelStatus(
            model: entry.name,
            kind: entry.kind,
            purposes: ModelPurpose.allCases.filter(entry.model.purposes.contains),
            isFirstFor: ModelPurpose.allCases.filter { chain($0).first?.name == entry.name },
            quotas: quotaLines(entry.model.quota, await quotas.usedThisMinute(entry), today),
            breaker: breaker?.state ?? "closed",
            reason: isOpen ? ModelWait.Reason(rawValue: breaker?.reason ?? "") ?? .pause : nil,
            pausedUntil: isOpen ? breaker?.halfOpensAt : nil,
            requestsToday: today.requests,
            errorsToday: today.errors,
            tokensToday: today.inputTokens + today.outputTokens,
            costToday: today.cost,
            missing: entry.missing,
        )
    }

    private func quotaLines(
        _ quota: ModelQuota,
        _ minute: [String: Int],
        _ today: UsageStore.Day,
    ) -> [ModelStatus.Quota] {
        let lines: [(String, Int, Int?)] = [
            ("requests a minute", minute["requests"] ?? 0, quota.requestsPerMinute),
            ("tokens a minute", minute["tokens"] ?? 0, quota.tokensPerMinute),
            ("pictures a minute", minute["images"] ?? 0, quota.imagesPerMinute),
            ("requests a day", today.requests, quota.requestsPerDay),
            ("pictures a day", today.images, quota.imagesPerDay),
        ]
        return lines.compactMap { name, used, limit in
            limit.map { ModelStatus.Quota(name: name, used: used, limit: $0) }
        }
    }
}
