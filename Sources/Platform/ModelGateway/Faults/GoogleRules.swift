import Kernel

/// How Google tells its troubles: `google.rpc.Status` with details.
enum GoogleRules {
    /// A quota of the day, or of nothing at all, counts until midnight, whatever `RetryInfo` says; else its delay, a
    /// minute for a quota of the minute, and then the words of the message. Source: google-gemini/gemini-cli,
    /// googleQuotaErrors.ts.
    static func verdict(_ status: Int, _ body: ErrorBody) -> ProviderRules.Verdict? {
        if body.details.contains(where: { $0["reason"]?.string == "API_KEY_INVALID" }) { return (.access, nil) }
        if body.hasCode("failed_precondition") { return (.access, nil) }
        guard status == 429 else { return nil }
        if body.details.contains(where: { $0["metadata"]?["quota_limit_value"] == "0" }) { return (.quota, nil) }
        let ids = body.details.flatMap { $0["violations"]?.array ?? [] }.compactMap { $0["quotaId"]?.string }
        if ids.contains(where: { $0.contains("PerDay") || $0.contains("Daily") }) { return (.quota, nil) }
        let told = body.details.lazy.compactMap { $0["retryDelay"]?.string }.compactMap { WaitText.duration($0) }.first
        if let told { return (.rate, told) }
        return (.rate, ids.contains { $0.contains("PerMinute") } ? .seconds(60) : nil)
    }
}
