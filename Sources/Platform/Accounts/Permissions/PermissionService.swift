import HTTPClient
import Kernel
import Telemetry

/// The other server that knows who may do what: `POST {url}/api/v1/authorization/check`.
struct PermissionService: Sendable {
    private let url: String
    private let timeout: Duration
    private let client: HTTPClient

    init(url: String, timeout: Duration, client: HTTPClient) {
        self.url = (url.hasSuffix("/") ? String(url.dropLast()) : url) + "/api/v1/authorization/check"
        self.timeout = timeout
        self.client = client
    }

    /// 200 allows, unless the body says `{"allowed": false}`; 403 denies.
    ///
    /// - Throws: For every other answer, and when there is none.
    func allows(_ question: PermissionQuestion) async throws -> Bool {
        var request = HTTPRequest.json(
            .post,
            url,
            [
                "org_id": JSON(question.organization), "user_id": JSON(question.subject),
                "permission": JSON(question.permission),
            ],
        )
        request.timeouts = HTTPTimeouts(connect: timeout, idle: timeout, total: timeout)
        request.maxResponseBytes = 65_536
        let span = Span.current?.child("permission check", kind: .client, ["permission": question.permission])
        request.trace = span?.context
        do {
            let isAllowed = try isAllowed(try await client.send(request))
            span?.end()
            return isAllowed
        } catch {
            span?.end(problem: "\(error)")
            throw error
        }
    }

    private func isAllowed(_ response: HTTPResponse) throws -> Bool {
        switch response.status {
        case 200: try isAllowed(response.body)
        case 403: false
        default: throw UnexpectedStatus(status: response.status)
        }
    }

    /// A page of some proxy in between is no permission.
    private func isAllowed(_ body: [UInt8]) throws -> Bool {
        guard !body.isEmpty else { return true }
        guard case .object = try JSON(parsing: body) else { throw NoAnswer() }
        guard let allowed = try JSON(parsing: body)["allowed"] else { return true }
        guard let allowed = allowed.bool else { throw NoAnswer() }
        return allowed
    }
}

private struct NoAnswer: Error {}
