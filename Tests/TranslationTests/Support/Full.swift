import Kernel

/// What a provider says whose quota is used up until a moment.
struct Full: Failure {
    let until: Timestamp
    var status: Int { 503 }
    var code: String { "waiting_rate" }
    var message: String { "The model is asked as often as allowed." }
    var postponedUntil: Timestamp? { until }
}
