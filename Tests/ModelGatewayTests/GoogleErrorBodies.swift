import Kernel

@testable import ModelGateway

/// Google's errors: the quota's name decides, then the delay it tells, then the words.
enum GoogleErrorBodies {
    static let cases: [ErrorBodyContract.Case] =
        [
            limited(quota: "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", delay: "26s", wait: .seconds(26)),
            limited(
                quota: "GenerateContentInputTokensPerModelPerMinute-FreeTier",
                delay: "45.837906927s",
                wait: .milliseconds(45_838),
            ),
            limited(quota: "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", delay: nil, wait: .seconds(60)),
            // The day ends at midnight in Los Angeles, whatever the delay says: at 00:00 UTC in winter eight hours are left.
            limited(
                quota: "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
                delay: "5s",
                means: .quota,
                wait: .seconds(8 * 3600),
            ),
            .init(
                kind: .gemini,
                status: 429,
                body:
                    #"[{"error":{"code":429,"message":"Please retry in 26.1s.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.Help","links":[]}]}}]"#,
                means: .rate,
                wait: .milliseconds(26_100),
            ),
            .init(
                kind: .gemini,
                status: 429,
                body: #"{"error":{"code":429,"message":"Resource has been exhausted","status":"RESOURCE_EXHAUSTED"}}"#,
                means: .rate,
            ),
            .init(
                kind: .gemini,
                status: 400,
                body:
                    #"{"error":{"code":400,"message":"API key not valid","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}"#,
                means: .access,
            ),
            .init(
                kind: .gemini,
                status: 400,
                body: #"{"error":{"code":400,"message":"bad image","status":"INVALID_ARGUMENT"}}"#,
                means: .request,
            ),
            .init(
                kind: .gemini,
                status: 400,
                body:
                    #"{"error":{"code":400,"message":"User location is not supported","status":"FAILED_PRECONDITION"}}"#,
                means: .access,
            ),
            .init(
                kind: .gemini,
                status: 403,
                body: #"{"error":{"code":403,"message":"no","status":"PERMISSION_DENIED"}}"#,
                means: .access,
            ),
            .init(
                kind: .gemini,
                status: 404,
                body: #"{"error":{"code":404,"message":"models/x is not found","status":"NOT_FOUND"}}"#,
                means: .model,
            ),
            // A method that is named in an error says nothing of a rate.
            .init(
                kind: .gemini,
                status: 404,
                body:
                    #"{"error":{"code":404,"message":"models/x is not found for API version v1beta, or is not supported for generateContent.","status":"NOT_FOUND"}}"#,
                means: .model,
            ),
            .init(
                kind: .gemini,
                status: 400,
                body:
                    #"{"error":{"code":400,"message":"GenerateContentRequest.contents: contents is not specified","status":"INVALID_ARGUMENT"}}"#,
                means: .request,
            ),
            .init(
                kind: .gemini,
                status: 500,
                body: #"{"error":{"code":500,"message":"generateContent failed","status":"INTERNAL"}}"#,
                means: .transient,
            ),
            .init(
                kind: .gemini,
                status: 503,
                body: #"{"error":{"code":503,"message":"The model is overloaded","status":"UNAVAILABLE"}}"#,
                means: .transient,
            ),
            .init(
                kind: .gemini,
                status: 504,
                body: #"{"error":{"code":504,"message":"Deadline expired","status":"DEADLINE_EXCEEDED"}}"#,
                means: .transient,
            ),
            .init(
                kind: .gemini,
                status: 200,
                body: #"{"candidates":[{"finishReason":"STOP","content":{"parts":[]}}]}"#,
                means: .answer,
            ),
            // Three limits at once: the day's is over last.
            limited(
                quotas: [
                    "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
                    "GenerateContentInputTokensPerModelPerMinute-FreeTier",
                    "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
                ],
                delay: "26s",
                means: .quota,
                wait: .seconds(8 * 3600),
            ),
            // As errors were before `QuotaFailure`: a limit of none lets nothing through in the next minute either.
            .init(
                kind: .gemini,
                status: 429,
                body:
                    #"{"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"RATE_LIMIT_EXCEEDED","metadata":{"quota_limit":"GenerateContentRequestsPerMinutePerProjectPerRegion","quota_limit_value":"0"}}]}}"#,
                means: .quota,
                wait: .seconds(8 * 3600),
            ),
        ] + blocked + ended

    /// What a prompt is blocked for, in a success.
    private static let blocked = ["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY"].map { reason in
        ErrorBodyContract.Case(
            kind: .gemini,
            status: 200,
            body: #"{"promptFeedback":{"blockReason":"\#(reason)"}}"#,
            means: .content,
        )
    }

    /// What an answer ends with that is none, in a success.
    private static let ended = [
        ("SAFETY", .content), ("RECITATION", .content), ("LANGUAGE", .content), ("BLOCKLIST", .content),
        ("PROHIBITED_CONTENT", .content), ("SPII", .content), ("OTHER", .answer), ("IMAGE_SAFETY", .content),
        ("MALFORMED_RESPONSE", .answer),
    ].map { (reason: String, means: ProviderFault.Kind) in
        ErrorBodyContract.Case(
            kind: .gemini,
            status: 200,
            body: #"{"candidates":[{"finishReason":"\#(reason)","content":{"parts":[{"text":"half"}]}}]}"#,
            means: means,
        )
    }

    private static func limited(
        quota: String,
        delay: String?,
        means: ProviderFault.Kind = .rate,
        wait: Duration,
    ) -> ErrorBodyContract.Case { limited(quotas: [quota], delay: delay, means: means, wait: wait) }

    private static func limited(
        quotas: [String],
        delay: String?,
        means: ProviderFault.Kind,
        wait: Duration,
    ) -> ErrorBodyContract.Case {
        let violations = quotas.map { #"{"quotaId":"\#($0)"}"# }.joined(separator: ",")
        let failure = #"{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[\#(violations)]}"#
        let info = delay.map { #",{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"\#($0)"}"# } ?? ""
        let error = #""code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED""#
        return .init(
            kind: .gemini,
            status: 429,
            body: #"{"error":{\#(error),"details":[\#(failure)\#(info)]}}"#,
            means: means,
            wait: wait,
        )
    }
}
