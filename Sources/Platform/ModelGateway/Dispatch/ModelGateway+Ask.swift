import HTTPClient
import Kernel
import SharedState
import Telemetry

extension ModelGateway {
    /// Asks one model once, if its breaker and its quotas allow.
    ///
    /// - Throws: `CancellationError`, or what the database threw.
    func ask<Answer>(
        _ entry: ModelEntry,
        _ plan: CallPlan,
        _ prepare: (ModelEntry) throws -> WireExchange<Answer>,
    ) async throws -> Attempt<Answer> {
        guard let link = links[entry.name] else { return .failed(unfit(entry, "the model is not set up")) }
        let exchange: WireExchange<Answer>
        do {
            exchange = try prepare(entry)
        } catch let error as Unfit {
            return .failed(unfit(entry, error.reason))
        }
        if let (reason, delay) = await pause(link) { return waits(entry, reason, for: delay) }
        return try await link.gate.hold { try await admitted(entry, link, plan, exchange) }
    }

    /// Reserves what the call will take; what was taken is given back when a later step refuses.
    private func admitted<Answer>(
        _ entry: ModelEntry,
        _ link: ModelLink,
        _ plan: CallPlan,
        _ exchange: WireExchange<Answer>,
    ) async throws -> Attempt<Answer> {
        let minute = await quotas.reserve(plan.load, of: entry)
        guard minute.isGranted else { return waits(entry, .rate, for: minute.retryAfter) }
        let permit: ServiceBreaker.Permit
        switch await link.breaker.admit() {
        case .admitted(let granted): permit = granted
        case .refused(let delay):
            await quotas.giveBack(plan.load, of: entry, at: minute.moment)
            return waits(entry, await reason(link), for: delay)
        }
        do {
            switch try await quotas.reserveDay(plan.load, of: entry, moment: minute.moment) {
            case .granted(let reservation):
                return try await send(Sending(entry, link, plan, permit, reservation), exchange)
            case .refused(let reason, let delay):
                await quotas.giveBack(plan.load, of: entry, at: minute.moment)
                await link.breaker.withdrawn(permit)
                return waits(entry, reason, for: delay)
            }
        } catch {
            await link.breaker.withdrawn(permit)
            throw error
        }
    }

    private func send<Answer>(_ sending: Sending, _ exchange: WireExchange<Answer>) async throws -> Attempt<Answer> {
        var request = exchange.request
        let isCutShort = sending.plan.deadline.map { shorten(&request, $0 - time.now) } ?? false
        let span = beginSpan(sending)
        request.trace = span?.context
        let start = ContinuousClock.now
        let result = await exchanged(request, exchange, sending)
        let duration = ContinuousClock.now - start
        metrics.durations.observe(duration, sending.entry.provider.name, sending.plan.purpose.rawValue)
        switch result {
        case .success(let reply):
            let tokens = max(0, reply.inputTokens ?? sending.plan.load.tokens) + max(0, reply.outputTokens ?? 0)
            answers.note(.init(seconds: duration.seconds, tokens: Double(tokens)), sending.plan.purpose)
            span?.end()
            return await answered(reply, sending)
        case .failure(let fault):
            span?.end(problem: fault.code)
            // Who left says nothing about the provider, but what was answered before is paid for.
            if fault.billed.requests == 0 { try Task.checkCancellation() }
            return await failed(fault, sending, isCutShort: isCutShort)
        }
    }

    private func exchanged<Answer>(
        _ request: HTTPRequest,
        _ exchange: WireExchange<Answer>,
        _ sending: Sending,
    ) async -> Result<WireReply<Answer>, ProviderFault> {
        // A provider can repeat no key but the one that it was sent.
        let redactor = Redactor([sending.entry.provider.key].compactMap { $0 })
        let reader = FaultReader(entry: sending.entry, redactor: redactor, now: time.now)
        let response: HTTPResponse
        do throws(HTTPClientError) {
            response = try await client.send(request)
        } catch {
            return .failure(reader.fault(error))
        }
        guard response.isSuccess else {
            return .failure(reader.fault(response.status, response.headers, response.body))
        }
        guard let json = try? JSON(parsing: response.body) else {
            return .failure(reader.lie(response.status, "no JSON: \(response.text.prefix(200))"))
        }
        // Some gateways say 200 and mean what stands in the error.
        if case .object? = json["error"] {
            let status = json["error"]?["code"]?.integer.map { Int($0) } ?? 500
            return .failure(reader.fault(status, response.headers, ErrorBody(json)))
        }
        do {
            let reply = try exchange.read(json)
            if let wait = reader.exhausted(response.headers), wait > .zero {
                let reason = ModelWait.Reason.rate.rawValue
                await sending.link.breaker.open(for: wait, reason: reason, followers: .all)
            }
            return .success(reply)
        } catch {
            var fault = reader.worthless(response.status, error)
            fault.billed = billed(exchange.tokens(json), sending)
            return .failure(fault)
        }
    }

    /// What a provider wants for a success that is none: nothing, unless it says so.
    private func billed(_ tokens: WireTokens, _ sending: Sending) -> ModelUsage {
        var usage = ModelUsage()
        guard tokens.input != nil || tokens.output != nil else { return usage }
        usage.requests = 1
        usage.images = sending.plan.purpose == .image ? 0 : sending.plan.load.images
        usage.inputTokens = max(0, tokens.input ?? 0)
        usage.outputTokens = max(0, tokens.output ?? 0)
        usage.drawnTokens = min(max(0, tokens.drawn), usage.outputTokens)
        usage.cost = sending.entry.model.price.cost(of: usage)
        return usage
    }

    /// A caller who leaves earlier than the provider may take says nothing about the provider.
    ///
    /// - Returns: Whether the request was given less time than usual.
    private func shorten(_ request: inout HTTPRequest, _ rest: Duration) -> Bool {
        guard let usual = request.timeouts.total, rest < usual else { return false }
        request.timeouts.total = max(.milliseconds(1), rest)
        return true
    }

    private func beginSpan(_ sending: Sending) -> Span? {
        Span.current?.child(
            "model call",
            kind: .client,
            [
                "gen_ai.provider.name": sending.entry.provider.name, "gen_ai.request.model": sending.entry.model.name,
                "gen_ai.operation.name": sending.plan.purpose.rawValue,
            ],
        )
    }

    /// Why and for how long a model is left alone; `nil` when it may be asked.
    private func pause(_ link: ModelLink) async -> (reason: ModelWait.Reason, delay: Duration)? {
        guard let opening = await link.breaker.opening(), let end = opening.halfOpensAt, end > time.now else {
            return nil
        }
        return (reason(opening), end - time.now)
    }

    /// Why a model is left alone, or was until a probe went out for the others.
    private func reason(_ link: ModelLink) async -> ModelWait.Reason {
        await link.breaker.opening().map(reason) ?? .pause
    }

    private func reason(_ opening: ServiceBreaker.Status) -> ModelWait.Reason {
        ModelWait.Reason(rawValue: opening.reason) ?? .pause
    }

    /// Many who wait for the same moment shall not come back together: up to a tenth more, and half a minute at most. Half
    /// a second where a rate is counted by the clock, because what comes back then is lost while nobody takes it.
    func waits<Answer>(_ entry: ModelEntry, _ reason: ModelWait.Reason, for delay: Duration) -> Attempt<Answer> {
        let longestJitter = reason == .rate ? Duration.milliseconds(500) : .seconds(30)
        metrics.waited(entry.name, reason)
        let jitter = min(delay * 0.1, longestJitter) * chance()
        let wait = ModelWait(reason: reason, model: entry.name, delay: delay + jitter)
        return .waits(until: time.now + wait.delay, wait)
    }

    private func unfit(_ entry: ModelEntry, _ reason: String) -> ProviderFault {
        ProviderFault(.request, entry.name, code: "unfit", detail: reason)
    }
}

/// A call on its way, with everything that its end must settle.
final class Sending: Sendable {
    let entry: ModelEntry
    let link: ModelLink
    let plan: CallPlan
    let permit: ServiceBreaker.Permit
    let reservation: QuotaKeeper.Reservation

    init(
        _ entry: ModelEntry,
        _ link: ModelLink,
        _ plan: CallPlan,
        _ permit: ServiceBreaker.Permit,
        _ reservation: QuotaKeeper.Reservation,
    ) {
        self.entry = entry
        self.link = link
        self.plan = plan
        self.permit = permit
        self.reservation = reservation
    }
}
