/// How many jobs of a queue at once the partner can use that they wait for.
package enum QueueNeed: Sendable, Equatable {
    /// Any number.
    case unlimited
    /// Nobody has seen how long the partner takes: what another process saw holds on.
    case unknown
    /// Its quotas a second, times the seconds of an answer.
    case jobs(Double)
}

extension ScalingState {
    /// What holds from now on of what a process sees. Each sees its own calls only, so what the deciding one sees counts
    /// for a quarter.
    func settled(_ seen: QueueNeed) -> Double? {
        switch seen {
        case .unlimited: nil
        case .unknown: need
        case .jobs(let jobs): need.map { ($0 * 3 + jobs) / 4 } ?? jobs
        }
    }
}
