import HTTPServer
import Kernel

/// How an error looks to clients of the original: `{"detail": …}`, with our `code` and the request's id beside it.
func translationErrorStyle(_ failure: any Failure, _ request: Request) -> Response {
    var body: JSON = [
        "detail": JSON(failure.message), "code": JSON(failure.code), "request_id": JSON(request.id),
    ]
    if case .unsupportedPair(_, _, let able)? = failure as? TranslationError { body["providers"] = JSON(able) }
    return .json(body, status: failure.status)
}
