import HTTPServer
import Kernel

/// How an error looks to clients of the original: `{"error": …, "status_code": …}`, with our `code` and the request's
/// id beside them, and `details` where a field is wrong.
func imagesErrorStyle(_ failure: any Failure, _ request: Request) -> Response {
    var body: JSON = [
        "error": JSON(failure.message),
        "status_code": JSON(failure.status),
        "code": JSON(code(of: failure)),
        "request_id": JSON(request.id),
    ]
    if let field = wrongField(failure) {
        body["details"] = [["loc": JSON([field.name]), "msg": JSON(field.reason), "type": "value_error"]]
    }
    var response = Response.json(body, status: failure.status)
    if case .quotaExceeded(let quota, _, let now) = failure as? ImagesError {
        for (name, value) in quotaHeaders(quota, now: now) { response.headers[name] = value }
    }
    return response
}

/// The original's code also where the server refuses before the service is asked.
private func code(of failure: any Failure) -> String {
    switch failure as? HTTPError {
    case .contentTooLarge: "UPLOAD_001"
    case .invalidParameter: "VAL_002"
    default: failure.code
    }
}

private func wrongField(_ failure: any Failure) -> (name: String, reason: String)? {
    if case .badField(let name, let reason) = failure as? ImagesError { return (name, reason) }
    if case .invalidParameter(let name, let reason) = failure as? HTTPError { return (name, reason) }
    return nil
}
