import HTTPServer
import Kernel
import Telemetry
import TestSupport
import Testing

@testable import ModelGateway

/// Every error body that providers were seen to send, through the whole client, and what it means.
@Suite(.timeLimit(.minutes(5))) struct ErrorBodyContract {
    struct Case: Sendable, CustomTestStringConvertible {
        let kind: ProviderKind
        let status: Int
        let body: String
        let means: ProviderFault.Kind
        var wait: Duration?
        var headers: [(String, String)] = []
        var testDescription: String { "\(kind.rawValue) \(status) \(body.prefix(70)) → \(means.rawValue)" }
    }

    static let siliconFlow: [Case] = [
        Case(
            kind: .siliconflow,
            status: 400,
            body: #"{"code":20012,"message":"Model does not exist. Please check it carefully.","data":null}"#,
            means: .model,
        ),
        Case(kind: .siliconflow, status: 401, body: #""Invalid token""#, means: .access),
        Case(
            kind: .siliconflow,
            status: 403,
            body: #"{"code":30001,"message":"Sorry, your account balance is insufficient","data":null}"#,
            means: .quota,
        ),
        Case(
            kind: .siliconflow,
            status: 403,
            body: #"{"code":30003,"message":"Real-name verification is needed","data":null}"#,
            means: .access,
        ),
        Case(
            kind: .siliconflow,
            status: 413,
            body: #"{"message":"batch size 77 > maximum allowed batch size 32","code":413,"type":"Validation"}"#,
            means: .size,
        ),
        Case(
            kind: .siliconflow,
            status: 400,
            body: #"{"code":20042,"message":"input batch size 473 > maximum allowed batch size 64","data":null}"#,
            means: .size,
        ),
        Case(
            kind: .siliconflow,
            status: 429,
            body: #"{"message":"Request was rejected due to rate limiting: RPM limit reached.","data":null}"#,
            means: .rate,
        ),
        Case(
            kind: .siliconflow,
            status: 429,
            body: #"{"message":"Request was rejected due to rate limiting: TPD limit reached.","data":null}"#,
            means: .rate,
            wait: .seconds(1800),
        ),
        Case(
            kind: .siliconflow,
            status: 503,
            body: #"{"code":50505,"message":"Model service overloaded. Please try again later.","data":null}"#,
            means: .transient,
        ),
        Case(
            kind: .siliconflow,
            status: 504,
            body: "<html><body>504 Gateway Time-out</body></html>",
            means: .transient,
        ),
    ]

    static let openAI: [Case] = [
        Case(
            kind: .openai,
            status: 401,
            body:
                #"{"error":{"message":"Incorrect API key provided: sk-test-************cdef.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#,
            means: .access,
        ),
        Case(
            kind: .openai,
            status: 404,
            body:
                #"{"error":{"message":"The model `gpt-9` does not exist","type":"invalid_request_error","param":null,"code":"model_not_found"}}"#,
            means: .model,
        ),
        Case(
            kind: .openai,
            status: 429,
            body:
                #"{"error":{"message":"Rate limit reached for requests. Please try again in 6m0s.","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#,
            means: .rate,
            wait: .seconds(360),
        ),
        Case(
            kind: .openai,
            status: 429,
            body:
                #"{"error":{"message":"Rate limit reached","type":"tokens","param":null,"code":"rate_limit_exceeded"}}"#,
            means: .rate,
            wait: .milliseconds(1500),
            headers: [("retry-after-ms", "1500"), ("Retry-After", "2")],
        ),
        Case(
            kind: .openai,
            status: 429,
            body:
                #"{"error":{"message":"You exceeded your current quota, please check your plan","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#,
            means: .quota,
        ),
        Case(
            kind: .openai,
            status: 400,
            body:
                #"{"error":{"message":"Your input was rejected","type":"invalid_request_error","code":"content_policy_violation"}}"#,
            means: .content,
        ),
        Case(
            kind: .openai,
            status: 400,
            body:
                #"{"error":{"message":"'$.input' is invalid.","type":"invalid_request_error","param":null,"code":null}}"#,
            means: .request,
        ),
        Case(
            kind: .openai,
            status: 500,
            body: #"{"error":{"message":"The server had an error","type":"server_error","code":null}}"#,
            means: .transient,
        ),
        Case(kind: .openai, status: 503, body: "upstream connect error", means: .transient),
        Case(
            kind: .openrouter,
            status: 402,
            body: #"{"error":{"code":402,"message":"Insufficient credits. Add more"}}"#,
            means: .quota,
        ),
        Case(
            kind: .openrouter,
            status: 403,
            body: #"{"error":{"code":403,"message":"Your input was flagged","metadata":{"reasons":["violence"]}}}"#,
            means: .content,
        ),
        Case(
            kind: .openrouter,
            status: 502,
            body: #"{"error":{"code":502,"message":"Provider returned error"}}"#,
            means: .transient,
        ),
        Case(
            kind: .openrouter,
            status: 200,
            body: #"{"error":{"code":429,"message":"Rate limited upstream"}}"#,
            means: .rate,
        ),
    ]

    static let dashscope: [Case] = [
        Case(
            kind: .dashscope,
            status: 400,
            body:
                #"{"error":{"message":"Exceeded limit on max bytes per data-uri item : 10485760'.","type":"invalid_request_error","param":null,"code":"InvalidParameter"},"request_id":"r"}"#,
            means: .request,
        ),
        Case(
            kind: .dashscope,
            status: 400,
            body:
                #"{"error":{"message":"Input data may contain inappropriate content.","type":"DataInspectionFailed","param":null,"code":"DataInspectionFailed"},"request_id":"r"}"#,
            means: .content,
        ),
        Case(
            kind: .dashscope,
            status: 400,
            body:
                #"{"error":{"message":"Access denied, please make sure your account is in good standing.","type":"Arrearage","param":null,"code":"Arrearage"},"request_id":"r"}"#,
            means: .quota,
        ),
        Case(
            kind: .dashscope,
            status: 400,
            body: #"{"error":{"message":"Input is empty","type":null,"param":null,"code":"BadRequest.EmptyInput"}}"#,
            means: .request,
        ),
        Case(
            kind: .dashscope,
            status: 400,
            body:
                #"{"error":{"message":"Value error, batch size is invalid, it should not be larger than 10.: input.contents","type":"InvalidParameter","code":"InvalidParameter"}}"#,
            means: .size,
        ),
        Case(
            kind: .dashscope,
            status: 401,
            body: #"{"error":{"message":"Incorrect API key provided.","code":"invalid_api_key"}}"#,
            means: .access,
        ),
        Case(
            kind: .dashscope,
            status: 403,
            body: #"{"error":{"code":"AccessDenied","message":"no"}}"#,
            means: .access,
        ),
        Case(
            kind: .dashscope,
            status: 404,
            body: #"{"error":{"message":"The model `x` does not exist","code":"model_not_found"}}"#,
            means: .model,
        ),
        Case(
            kind: .dashscope,
            status: 429,
            body: #"{"error":{"message":"Requests rate limit exceeded","code":"Throttling.RateQuota"}}"#,
            means: .rate,
        ),
        Case(
            kind: .dashscope,
            status: 429,
            body:
                #"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","code":"Throttling.AllocationQuota"}}"#,
            means: .rate,
            wait: .seconds(60),
        ),
        Case(
            kind: .dashscope,
            status: 429,
            body:
                #"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#,
            means: .rate,
            wait: .seconds(60),
        ),
    ]

    static let zhipu: [Case] =
        [
            ("1000", 401, .access), ("1001", 401, .access), ("1002", 401, .access), ("1003", 401, .access),
            ("1004", 401, .access), ("1113", 429, .quota), ("1210", 400, .request), ("1211", 400, .model),
            ("1213", 400, .request), ("1214", 400, .request), ("1215", 400, .request), ("1234", 500, .transient),
            ("1301", 400, .content), ("1302", 429, .rate), ("1303", 429, .rate), ("1305", 429, .rate),
            ("500", 500, .transient),
        ].map { code, status, kind in
            Case(
                kind: .zhipu,
                status: status,
                body: #"{"error":{"code":"\#(code)","message":"something in Chinese"}}"#,
                means: kind,
            )
        }

    static let rerankers: [Case] = [
        Case(kind: .jina, status: 401, body: #"{"detail":"Invalid API key"}"#, means: .access),
        Case(kind: .jina, status: 402, body: #"{"detail":"Insufficient balance"}"#, means: .quota),
        Case(kind: .jina, status: 422, body: #"{"detail":"[input] is wrong"}"#, means: .request),
        Case(
            kind: .jina,
            status: 429,
            body: #"{"detail":"Rate limit exceeded"}"#,
            means: .rate,
            wait: .seconds(17),
            headers: [("Retry-After", "17")],
        ),
        Case(kind: .cohere, status: 400, body: #"{"message":"invalid request"}"#, means: .request),
        Case(kind: .cohere, status: 401, body: #"{"message":"invalid api token"}"#, means: .access),
        Case(kind: .cohere, status: 429, body: #"{"message":"Please wait and try again later"}"#, means: .rate),
        Case(
            kind: .cohere,
            status: 429,
            body: #"{"message":"You are using a Trial key, which is limited to 1000 API calls / month."}"#,
            means: .quota,
        ),
        Case(kind: .cohere, status: 500, body: #"{"message":"internal server error"}"#, means: .transient),
        Case(kind: .cohere, status: 504, body: "", means: .transient),
    ]

    static let lies: [Case] = [
        Case(kind: .openai, status: 200, body: "<!doctype html><title>Log in</title>", means: .answer),
        Case(kind: .openai, status: 200, body: #"{"choices":[{"message":{"content":"cut"#, means: .answer),
        Case(kind: .openai, status: 200, body: #"{"choices":[]}"#, means: .answer),
        Case(kind: .openai, status: 200, body: "", means: .answer),
        Case(kind: .openai, status: 200, body: "[]", means: .answer),
        Case(kind: .openai, status: 302, body: "", means: .answer, headers: [("Location", "https://login.example/")]),
        Case(
            kind: .openai,
            status: 200,
            body: #"{"choices":[{"finish_reason":"content_filter","message":{"content":""}}]}"#,
            means: .content,
        ),
    ]

    @Test(arguments: [siliconFlow, openAI, dashscope, zhipu, rerankers, lies, GoogleErrorBodies.cases].flatMap { $0 })
    func means(_ body: Case) async throws {
        var headers: Headers = ["Content-Type": "application/json"]
        for (name, value) in body.headers { headers[name] = value }
        let answer = FakeProvider.Reply.raw(body.status, body.body, headers)
        let server = try FakeProvider { _ in answer }
        let purpose: ModelPurpose = body.kind == .jina || body.kind == .cohere ? .rerank : .chat
        let bench = try await GatewayBench([provider("p", body.kind, server, purpose)])
        let error = await thrown {
            purpose == .rerank
                ? try await bench.gateway.rerank("q", ["a"]).scores.count
                : try await bench.gateway.chat(ModelPrompt(text: "Hello")).text.count
        }
        let errors = bench.metrics.counter("model_errors_total", "", labels: ["provider", "purpose", "class"])
        #expect(errors.value("p", purpose.rawValue, body.means.rawValue) == 1)
        let failure = try #require(error)
        switch body.means {
        case .answer, .transient: #expect(failure.postponedUntil == nil && !failure.isPermanent)
        case .content, .request, .size: #expect(failure.isPermanent)
        case .access, .model, .quota, .rate:
            let until = try #require(failure.postponedUntil)
            if let wait = body.wait { #expect(until == bench.time.now + wait) } else { #expect(until > bench.time.now) }
        }
        #expect(!bench.logged.contains(GatewayBench.key))
    }
}
