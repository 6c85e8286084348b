/// How a kind of provider tells its troubles.
struct ProviderRules: Sendable {
    typealias Verdict = (kind: ProviderFault.Kind, retryAfter: Duration?)

    /// `nil` where the status says enough.
    private let exact: @Sendable (_ status: Int, _ body: ErrorBody) -> Verdict?

    func classify(_ status: Int, _ body: ErrorBody) -> Verdict { exact(status, body) ?? Self.byStatus(status) }

    static func of(_ kind: ProviderKind) -> ProviderRules {
        switch kind {
        case .cohere: ProviderRules(exact: cohere)
        case .dashscope: ProviderRules(exact: dashscope)
        case .gemini: ProviderRules(exact: GoogleRules.verdict)
        case .jina: ProviderRules { _, _ in nil }
        case .openai, .openAICompatible: ProviderRules(exact: openAI)
        case .openrouter: ProviderRules(exact: openRouter)
        case .siliconflow: ProviderRules(exact: siliconFlow)
        case .zhipu: ProviderRules(exact: zhipu)
        }
    }

    private static func byStatus(_ status: Int) -> Verdict {
        switch status {
        case 401, 403: (.access, nil)
        case 402: (.quota, nil)
        case 404: (.model, nil)
        case 413: (.size, nil)
        case 429: (.rate, nil)
        case 408, 409, 425, 500...: (.transient, nil)
        case 400..<500: (.request, nil)
        default: (.answer, nil)
        }
    }

    /// `insufficient_quota` is no question of time; `rate_limit_exceeded` is. Both come with 429.
    private static func openAI(_ status: Int, _ body: ErrorBody) -> Verdict? {
        if body.hasCode("insufficient_quota") || body.hasCode("billing") { return (.quota, nil) }
        if body.hasCode("rate_limit") { return (.rate, nil) }
        if body.hasCode("invalid_api_key") { return (.access, nil) }
        if body.hasCode("model_not_found") { return (.model, nil) }
        if body.hasCode("content_policy") || body.hasCode("content_filter") { return (.content, nil) }
        return batchTooLarge(body)
    }

    /// 402 is an empty account, 403 a refused content, and upstream errors come with their own status.
    private static func openRouter(_ status: Int, _ body: ErrorBody) -> Verdict? {
        status == 403 ? (.content, nil) : openAI(status, body)
    }

    /// `Throttling.AllocationQuota` borrows OpenAI's words for an empty account, but clears within a minute: every 429
    /// here is a question of time.
    private static func dashscope(_ status: Int, _ body: ErrorBody) -> Verdict? {
        if body.hasCode("arrearage") { return (.quota, nil) }
        if body.hasCode("datainspection") || body.hasCode("data_inspection") { return (.content, nil) }
        if status == 429 || body.hasCode("throttling") {
            let isAllocation = body.hasCode("allocationquota") || body.hasCode("insufficient_quota")
            return (.rate, isAllocation ? .seconds(60) : nil)
        }
        if body.hasCode("invalidapikey") || body.hasCode("invalid_api_key") { return (.access, nil) }
        if body.hasCode("model_not_found") || body.hasCode("modelnotfound") { return (.model, nil) }
        return batchTooLarge(body)
    }

    /// Codes are numbers in text. 1113 is an empty account although it comes with 429.
    private static func zhipu(_ status: Int, _ body: ErrorBody) -> Verdict? {
        guard let code = body.codes.lazy.compactMap({ Int($0) }).first else { return nil }
        switch code {
        case 1000...1004, 1110...1112: return (.access, nil)
        case 1113: return (.quota, nil)
        case 1211: return (.model, nil)
        case 1210...1215: return (.request, nil)
        case 1234, 500: return (.transient, nil)
        case 1301: return (.content, nil)
        case 1302...1399: return (.rate, nil)
        default: return nil
        }
    }

    /// Limits of a day say so in the message only; when their day begins is not told.
    private static func siliconFlow(_ status: Int, _ body: ErrorBody) -> Verdict? {
        if body.hasCode("20012") { return (.model, nil) }
        if body.hasCode("30001") || status == 403 && body.says("balance", "insufficient") { return (.quota, nil) }
        if status == 429 { return (.rate, body.says("rpd", "tpd", "ipd") ? .seconds(1800) : nil) }
        return batchTooLarge(body)
    }

    /// A trial key has calls for a month, which come back with the next one.
    private static func cohere(_ status: Int, _ body: ErrorBody) -> Verdict? {
        if status == 498 { return (.access, nil) }
        return status == 429 && body.says("/ month", "per month") ? (.quota, nil) : batchTooLarge(body)
    }

    /// No provider has a code for it.
    private static func batchTooLarge(_ body: ErrorBody) -> Verdict? {
        body.says("batch size", "maximum allowed batch") ? (.size, nil) : nil
    }
}
