import Kernel
import SharedState
import Telemetry

extension ModelGateway {
    /// An answer came: the reservation is corrected, the breaker hears of it.
    func answered<Answer>(_ reply: WireReply<Answer>, _ sending: Sending) async -> Attempt<Answer> {
        let (entry, load) = (sending.entry, sending.plan.load)
        var usage = ModelUsage()
        usage.requests = 1
        usage.images = load.images
        usage.inputTokens = max(0, reply.inputTokens ?? load.tokens)
        usage.outputTokens = max(0, reply.outputTokens ?? 0)
        usage.drawnTokens = min(max(0, reply.drawnTokens), usage.outputTokens)
        usage.cost = entry.model.price.cost(of: usage)
        let isBack = await sending.link.breaker.succeeded(sending.permit)
        metrics.answered(entry.name, sending.plan.purpose, usage)
        if isBack { log.info("model is back", ["model.name": "\(entry.name)"]) }
        await settle(sending, usage, isError: false)
        return .answered(reply.answer, usage, entry.name)
    }

    /// No answer came: what that means for the model's next calls is decided by the kind of the fault.
    func failed<Answer>(_ fault: ProviderFault, _ sending: Sending, isCutShort: Bool) async -> Attempt<Answer> {
        let entry = sending.entry
        metrics.failed(fault, sending.plan.purpose)
        log.warning(
            "model call failed",
            [
                "model.name": "\(entry.name)", "model.purpose": sending.plan.purpose.rawValue,
                "error.class": fault.kind.rawValue, "error.code": fault.code, "http.status": "\(fault.status)",
                "error.detail": fault.detail,
            ],
        )
        if fault.code == "upstream_unreachable" {
            await quotas.giveBack(sending.reservation, of: entry)
        } else {
            metrics.billed(entry.name, fault.billed)
            await settle(sending, fault.billed, isError: true)
        }
        if isCutShort, fault.code == "upstream_timeout" {
            await sending.link.breaker.withdrawn(sending.permit)
            return .failed(fault)
        }
        return await react(fault, sending)
    }

    /// An answer that was paid for is not thrown away because it cannot be booked.
    private func settle(_ sending: Sending, _ usage: ModelUsage, isError: Bool) async {
        if usage.requests > 0 { await sending.plan.billing?(usage) }
        do {
            try await quotas.settle(sending.reservation, of: sending.entry, usage, isError: isError)
        } catch {
            log.error("model usage not booked", ["model.name": "\(sending.entry.name)", "error": "\(error)"])
        }
    }

    private func react<Answer>(_ fault: ProviderFault, _ sending: Sending) async -> Attempt<Answer> {
        let (entry, link) = (sending.entry, sending.link)
        switch fault.kind {
        case .content, .request, .size:
            // It answered, and sensibly.
            await link.breaker.succeeded(sending.permit)
            return .failed(fault)
        case .answer, .transient:
            if let wait = fault.retryAfter, wait > .zero {
                return await pause(entry, [entry.name], fault, .rate, for: wait)
            }
            if await link.breaker.failed(sending.permit) {
                metrics.paused(entry.name, fault.kind)
                log.error("model paused", ["model.name": "\(entry.name)", "error.code": fault.code])
            }
            return .failed(fault)
        case .rate:
            let usual = Duration.milliseconds(500) + backoff(await refusals(link))
            let wait = fault.retryAfter ?? usual
            return await pause(entry, [entry.name], fault, .rate, for: max(wait, .milliseconds(100)))
        case .model: return await pause(entry, [entry.name], fault, .access, for: .seconds(600))
        case .quota where entry.kind == .gemini:
            let end = QuotaDay(time.now, entry.kind.quotaZone).end
            return await pause(entry, [entry.name], fault, .day, for: end - time.now)
        case .quota: return await pause(entry, siblings(entry), fault, .quota, for: fault.retryAfter ?? .seconds(900))
        case .access: return await pause(entry, siblings(entry), fault, .access, for: .seconds(600))
        }
    }

    /// Which refusal in a row this is, from 1; those of calls that were under way together are one. Outages before it are
    /// none: how long they take says nothing about a rate.
    private func refusals(_ link: ModelLink) async -> Int {
        guard let opening = await link.breaker.opening(), let end = opening.halfOpensAt,
            opening.reason == ModelWait.Reason.rate.rawValue
        else { return 1 }
        return end > time.now ? max(1, opening.failures) : opening.failures + 1
    }

    private func siblings(_ entry: ModelEntry) -> [ModelName] {
        entry.provider.models.map { ModelName(provider: entry.provider.name, model: $0.name) }
    }

    /// Leaves models alone for a while; afterwards one call finds out, and others follow it.
    private func pause<Answer>(
        _ entry: ModelEntry,
        _ names: [ModelName],
        _ fault: ProviderFault,
        _ reason: ModelWait.Reason,
        for wait: Duration,
    ) async -> Attempt<Answer> {
        let followers: ServiceBreaker.Followers = reason == .rate && fault.retryAfter != nil ? .all : .more
        for name in names {
            let isNew = await links[name]?.breaker.open(for: wait, reason: reason.rawValue, followers: followers)
            if isNew == true { metrics.paused(name, fault.kind) }
        }
        if reason == .access || reason == .quota {
            log.error(
                "model needs attention",
                ["model.name": "\(entry.name)", "error.code": fault.code, "error.detail": fault.detail],
            )
        }
        return waits(entry, reason, for: wait)
    }
}
