import HTTPServer
import Kernel

/// How an error looks to clients of the original: `{"error": …, "status_code": …}`, with our `code` and the request's
/// id beside them, and `details` where a field is wrong.
package func imagesErrorStyle(_ failure: any Failure, _ request: Request) -> Response {
    var body: JSON = [
        "error": JSON(failure.message),
        "status_code": JSON(failure.status),
        "code": JSON(failure.code),
        "request_id": JSON(request.id),
    ]
    if let field = wrongField(failure) {
        body["details"] = [["loc": JSON([field.name]), "msg": JSON(field.reason), "type": "value_error"]]
    }
    var response = Response.json(body, status: failure.status)
    if let limited = failure as? RateLimited {
        for (name, value) in quotaHeaders(limited.quota, now: .now()) { response.headers[name] = value }
    }
    if failure.status == 401 { response.headers["WWW-Authenticate"] = "Bearer" }
    return response
}

private func wrongField(_ failure: any Failure) -> (name: String, reason: String)? {
    if case ImagesError.badField(let name, let reason) = failure { return (name, reason) }
    if case HTTPError.invalidParameter(let name, let reason) = failure { return (name, reason) }
    return nil
}
