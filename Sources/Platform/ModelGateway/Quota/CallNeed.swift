import Synchronization

/// How many calls at once the quotas of models can use.
package enum CallNeed: Sendable, Equatable {
    /// Somebody may be asked any number of times.
    case unlimited
    /// Nobody answered yet.
    case unknown
    case calls(Double)
}

/// What answers take on average, by what is asked for: each counts for a tenth.
final class MeanAnswers: Sendable {
    struct Answer: Sendable, Equatable {
        var seconds: Double
        var tokens: Double
    }

    private let means = Mutex<[ModelPurpose: Answer]>([:])

    func note(_ answer: Answer, _ purpose: ModelPurpose) {
        means.withLock { means in
            guard let mean = means[purpose] else { return means[purpose] = answer }
            means[purpose] = Answer(
                seconds: mean.seconds * 0.9 + answer.seconds * 0.1,
                tokens: mean.tokens * 0.9 + answer.tokens * 0.1,
            )
        }
    }

    /// `nil` before the first answer.
    func mean(_ purpose: ModelPurpose) -> Answer? { means.withLock { $0[purpose] } }
}

extension ModelGateway {
    /// Of all projects that serve any of `purposes`: the calls a second that their requests, tokens and pictures a minute
    /// allow, times the seconds of an answer (Little's law), and three standard deviations more, so that a few long answers
    /// leave no permit unused. What is never asked for needs nothing.
    package func need(_ purposes: [ModelPurpose]) -> CallNeed {
        var needs: [ModelName: Double] = [:]
        for purpose in purposes {
            let answer = answers.mean(purpose)
            for entry in chain(purpose) {
                let quota = entry.model.quota
                guard let calls = quota.callsPerMinute(purpose, tokens: answer?.tokens ?? 1) else { return .unlimited }
                guard let answer else { continue }
                needs[entry.name] = max(needs[entry.name] ?? 0, calls / 60 * answer.seconds)
            }
        }
        guard purposes.contains(where: serves) else { return .unlimited }
        guard !needs.isEmpty else { return .unknown }
        let mean = needs.values.reduce(0, +)
        return .calls(mean + 3 * mean.squareRoot())
    }
}

extension ModelQuota {
    /// The calls of so many tokens that a minute allows.
    fileprivate func callsPerMinute(_ purpose: ModelPurpose, tokens: Double) -> Double? {
        [
            requestsPerMinute.map(Double.init), tokensPerMinute.map { Double($0) / max(1, tokens) },
            purpose == .image ? imagesPerMinute.map(Double.init) : nil,
        ].compactMap { $0 }.min()
    }
}
