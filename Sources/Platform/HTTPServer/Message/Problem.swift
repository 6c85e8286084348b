import Kernel
import Telemetry

extension Response {
    /// An error as problem details (RFC 9457), with the `code`, the request's id and `more` as members of ours.
    package static func problem(
        status: Int,
        code: String,
        detail: String,
        requestID: String? = RequestID.current,
        more: JSON = [:],
    ) -> Response {
        var body: JSON = [
            "type": "about:blank",
            "title": .string(reasonPhrase(of: status)),
            "status": JSON(status),
            "detail": .string(detail),
            "code": .string(code),
        ]
        if let requestID, !requestID.isEmpty { body["request_id"] = .string(requestID) }
        return Response(
            status: status,
            headers: ["Content-Type": "application/problem+json"],
            body: .bytes(body.merging(more).bytes),
        )
    }

    /// A failure as problem details. What a parameter is called stands in `field`.
    package static func problem(_ failure: any Failure, requestID: String? = RequestID.current) -> Response {
        var more: JSON = [:]
        if case .invalidParameter(let name, _) = failure as? HTTPError { more = ["field": .string(name)] }
        return problem(
            status: failure.status,
            code: failure.code,
            detail: failure.message,
            requestID: requestID,
            more: more,
        )
    }
}
