import Kernel
import SharedState

/// Reserves what a call will take of a model's quotas, before it is sent: minutes in the shared state, days in the
/// database.
struct QuotaKeeper: Sendable {
    /// What a call is expected to take.
    struct Load: Sendable {
        var tokens = 0
        var images = 0
    }

    /// A reservation that was granted.
    struct Reservation: Sendable {
        let moment: Timestamp
        let day: QuotaDay
        let load: Load
    }

    enum Decision: Sendable {
        case granted(Reservation)
        case refused(ModelWait.Reason, for: Duration)
    }

    let state: any SharedState
    let usage: UsageStore
    let time: any TimeSource
    let dailyBudget: Double?

    /// This minute's part of a reservation.
    func reserve(_ load: Load, of entry: ModelEntry) async -> BudgetDecision {
        await state.reserve(key(entry), claims(load, entry.model.quota))
    }

    /// The day's part of a reservation.
    func reserveDay(_ load: Load, of entry: ModelEntry, moment: Timestamp) async throws -> Decision {
        let now = time.now
        let day = QuotaDay(now, entry.kind.quotaZone)
        if let dailyBudget, try await usage.cost(on: QuotaDay(now, .utc)) >= dailyBudget {
            return .refused(.budget, for: QuotaDay(now, .utc).end - now)
        }
        guard try await usage.reserve(entry.name, day, images: load.images, entry.model.quota) else {
            return .refused(.day, for: day.end - now)
        }
        return .granted(Reservation(moment: moment, day: day, load: load))
    }

    /// Takes back this minute's part.
    func giveBack(_ load: Load, of entry: ModelEntry, at moment: Timestamp) async {
        let amounts = ["requests": -1, "tokens": -load.tokens, "images": -load.images]
        await state.correct(key(entry), amounts, at: moment)
    }

    /// Takes back everything: the request never reached the provider. A day that cannot be corrected stays too full.
    func giveBack(_ reservation: Reservation, of entry: ModelEntry) async {
        await giveBack(reservation.load, of: entry, at: reservation.moment)
        try? await usage.giveBack(entry.name, reservation.day, images: reservation.load.images)
    }

    /// Corrects the reservation by what the provider reports.
    func settle(_ reservation: Reservation, of entry: ModelEntry, _ taken: ModelUsage, isError: Bool) async throws {
        let tokens = taken.inputTokens + taken.outputTokens - reservation.load.tokens
        if tokens != 0, !isError { await state.correct(key(entry), ["tokens": tokens], at: reservation.moment) }
        try await usage.settle(entry.name, reservation.day, taken, isError: isError)
    }

    /// What is used of this minute's quotas, by their names.
    func usedThisMinute(_ entry: ModelEntry) async -> [String: Int] {
        let claims = claims(Load(), entry.model.quota).map {
            BudgetClaim($0.name, 0, limit: $0.limit, window: $0.window)
        }
        guard !claims.isEmpty else { return [:] }
        let used = await state.reserve(key(entry), claims).used
        return Dictionary(uniqueKeysWithValues: zip(claims.map(\.name), used))
    }

    private func claims(_ load: Load, _ quota: ModelQuota) -> [BudgetClaim] {
        // A second more: a call may be on its way for longer than the one that comes a minute after it.
        let minute = Duration.seconds(61)
        return [
            quota.requestsPerMinute.map { BudgetClaim("requests", 1, limit: $0, window: minute) },
            quota.tokensPerMinute.map { BudgetClaim("tokens", load.tokens, limit: $0, window: minute) },
            quota.imagesPerMinute.map { BudgetClaim("images", load.images, limit: $0, window: minute) },
        ].compactMap { $0 }
    }

    private func key(_ entry: ModelEntry) -> String { "models:\(entry.name)" }
}
