import Kernel

/// What a call is about.
struct CallPlan: Sendable {
    let purpose: ModelPurpose
    let load: QuotaKeeper.Load
    /// How long the caller waits for a quota or a better moment; `nil` does not wait.
    let deadline: Timestamp?
    /// Whether the caller would rather have too much refused than another model asked: it sends less then.
    var isDivisible = false
    /// Who is told what each call took.
    var billing: ModelBilling?
}

/// How one model did.
enum Attempt<Answer: Sendable>: Sendable {
    case answered(Answer, ModelUsage, ModelName)
    case failed(ProviderFault)
    case waits(until: Timestamp, ModelWait)
}

extension ModelGateway {
    private static var tries: Int { 3 }

    /// Asks the models of a chain, one after another, until one answers; then, within the deadline, waits and begins
    /// again.
    ///
    /// - Throws: ``ModelError``, or `CancellationError`.
    func call<Answer>(
        _ plan: CallPlan,
        _ prepare: (ModelEntry) throws -> WireExchange<Answer>,
    ) async throws -> (answer: Answer, usage: ModelUsage, model: ModelName) {
        let pools = pools[plan.purpose] ?? []
        guard !pools.isEmpty else { throw ModelError.notConfigured(plan.purpose) }
        var attempt = 1
        while true {
            var round = Round()
            for pool in pools {
                switch try await ask(pool, plan, prepare) {
                case .answered(let answer, let usage, let name): return (answer, usage, name)
                case .failed(let fault):
                    if fault.kind == .size, plan.isDivisible { throw ModelError.refused(fault) }
                    round.faults.append(fault)
                case .waits(let moment, let wait): round.add(moment, wait)
                }
            }
            let next = try nextRound(after: round, attempt, plan)
            try await time.sleep(until: next)
            attempt += 1
        }
    }

    /// Asks the projects of a pool, one after another, until one has room. What one of them refuses, all would.
    private func ask<Answer>(
        _ pool: ModelPool,
        _ plan: CallPlan,
        _ prepare: (ModelEntry) throws -> WireExchange<Answer>,
    ) async throws -> Attempt<Answer> {
        var asked = 0
        while true {
            let index: Int
            switch pool.turn(at: time.now) {
            case .project(let turn): index = turn
            case .nobody(let moment, let wait): return .waits(until: moment, wait)
            }
            let attempt = try await ask(pool.projects[index], plan, prepare)
            asked += 1
            guard case .waits(let moment, let wait) = attempt, asked < pool.projects.count else { return attempt }
            pool.rest(index, until: moment, wait)
        }
    }

    /// When to begin again.
    ///
    /// - Throws: ``ModelError`` when the caller shall hear of it instead.
    private func nextRound(after round: Round, _ attempt: Int, _ plan: CallPlan) throws(ModelError) -> Timestamp {
        if let (moment, wait) = round.wait {
            if let deadline = plan.deadline, moment <= deadline { return moment }
            throw .waitUntil(moment, wait)
        }
        guard let fault = round.faults.first(where: \.kind.mayPass) ?? round.faults.last else {
            throw .notConfigured(plan.purpose)
        }
        guard fault.kind.mayPass else { throw .refused(fault) }
        let next = time.now + backoff(attempt)
        guard let deadline = plan.deadline, next < deadline, attempt < Self.tries else { throw .failed(fault) }
        return next
    }

    /// Full jitter: a random part of a bound that doubles, from 2 s up to 5 minutes.
    func backoff(_ attempt: Int) -> Duration {
        let bound = min(300, 2 * Double(1 << min(max(0, attempt - 1), 20)))
        return .milliseconds(Int64(bound * 1000 * chance()))
    }
}

/// What came of asking every model of a chain.
private struct Round {
    var faults: [ProviderFault] = []
    private(set) var wait: (Timestamp, ModelWait)?

    /// The earliest counts.
    mutating func add(_ moment: Timestamp, _ wait: ModelWait) {
        if let known = self.wait, known.0 <= moment { return }
        self.wait = (moment, wait)
    }
}

extension ProviderFault.Kind {
    /// Whether the same call may succeed later.
    var mayPass: Bool {
        switch self {
        case .access, .answer, .model, .quota, .rate, .transient: true
        case .content, .request, .size: false
        }
    }
}
