import Synchronization

/// How many calls at once the quotas of models can use.
package enum CallNeed: Sendable, Equatable {
    /// Somebody may be asked any number of times.
    case unlimited
    /// Nobody answered yet.
    case unknown
    case calls(Double)
}

/// How long answers take, by what is asked for: each counts for a tenth.
final class AnswerTimes: Sendable {
    private let seconds = Mutex<[ModelPurpose: Double]>([:])

    func note(_ time: Double, _ purpose: ModelPurpose) {
        seconds.withLock { $0[purpose] = $0[purpose].map { $0 * 0.9 + time * 0.1 } ?? time }
    }

    /// `nil` before the first answer.
    func mean(_ purpose: ModelPurpose) -> Double? { seconds.withLock { $0[purpose] } }
}

extension ModelGateway {
    /// Of all projects that serve any of `purposes`: the requests a second that they allow, times the seconds of an answer
    /// (Little's law), and three standard deviations more, so that a few long answers leave no permit unused. What is never
    /// asked for needs nothing.
    package func need(_ purposes: [ModelPurpose]) -> CallNeed {
        var needs: [ModelName: Double] = [:]
        for purpose in purposes {
            for entry in chain(purpose) {
                let limits = [
                    entry.model.quota.requestsPerMinute, purpose == .image ? entry.model.quota.imagesPerMinute : nil,
                ]
                guard let limit = limits.compactMap({ $0 }).min() else { return .unlimited }
                guard let seconds = answerTimes.mean(purpose) else { continue }
                needs[entry.name] = max(needs[entry.name] ?? 0, Double(limit) / 60 * seconds)
            }
        }
        guard purposes.contains(where: serves) else { return .unlimited }
        guard !needs.isEmpty else { return .unknown }
        let mean = needs.values.reduce(0, +)
        return .calls(mean + 3 * mean.squareRoot())
    }
}
