import FoundationEssentials
import HTTPServer
import Kernel

/// The form of every answer below the original's addresses: `{code, data, msg, uuid, timestamp}`, the time in whole
/// seconds since the epoch.
struct Envelope: Sendable {
    let time: any TimeSource

    /// An answer with `data`; the HTTP status is the code.
    func answer(_ data: JSON, code: Int = 200, message: String = "", more: JSON = [:]) -> Response {
        .json(body(data, code: code, message: message).merging(more), status: code)
    }

    /// How an error looks: no data, the sentence, and our own `error_code` for programs.
    var errorStyle: ErrorStyle {
        { failure, request in
            let body = body([], code: failure.status, message: failure.message).merging([
                "error_code": JSON(failure.code), "request_id": JSON(request.id),
            ])
            var response = Response.json(body, status: failure.status)
            if case .rateLimited(let limit, _, let reset) = failure as? MemesError {
                for (name, value) in limitHeaders(limit: limit, remaining: 0, reset: reset) {
                    response.headers[name] = value
                }
            }
            return response
        }
    }

    private func body(_ data: JSON, code: Int, message: String) -> JSON {
        [
            "code": JSON(code), "data": data, "msg": JSON(message),
            "uuid": JSON(UUID().uuidString.lowercased()),
            "timestamp": JSON(time.now.milliseconds / 1000),
        ]
    }
}

/// What tells of a limit, in the newer and the older spelling.
func limitHeaders(limit: Int, remaining: Int, reset: Duration) -> [(String, String)] {
    let seconds = "\(max(1, Int(reset.seconds.rounded(.up))))"
    return ["RateLimit-", "X-RateLimit-"].flatMap { prefix in
        [("\(prefix)Limit", "\(limit)"), ("\(prefix)Remaining", "\(remaining)"), ("\(prefix)Reset", seconds)]
    }
}
