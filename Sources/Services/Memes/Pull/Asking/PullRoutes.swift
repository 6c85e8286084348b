import Accounts
import HTTPServer
import Kernel

/// The addresses of pulls.
struct PullRoutes: Sendable {
    let envelope: Envelope
    let events: PullEvents
    let pulls: PullStore
    let items: PullItemStore
    let progress: PullProgressReader
    let service: PullService
    let wire = PullWire()

    /// The permission that a key or token needs.
    static let permission = "pull"

    func add(to router: inout Router) {
        router.errors(under: "/pull", errorStyle)
        router.post("/pull", limits: Limits(maxBodyBytes: 65_536), begin)
        router.get("/pull", list)
        router.get("/pull/{pull_id}", show)
        router.get("/pull/{pull_id}/events", follow)
        router.get("/pull/{pull_id}/items", listItems)
        router.post("/pull/{pull_id}/cancel") { try await change($0, service.cancel) }
        router.post("/pull/{pull_id}/pause") { try await change($0, service.pause) }
        router.post("/pull/{pull_id}/resume") { try await change($0, service.resume) }
        router.post("/pull/{pull_id}/retry", limits: Limits(maxBodyBytes: 1_048_576), retry)
    }

    /// `POST /pull`: the original's answer, and what we add to it.
    private func begin(_ request: Request) async throws -> Response {
        let principal = try allowed(request, visitors: false)
        let asked = try await PullBody(request, by: principal.subject)
        let estimate = try await service.estimate(asked.request)
        var more: JSON = [
            "estimated_images": JSON(estimate.images), "estimate_exact": .bool(estimate.isExact),
        ]
        guard !asked.isDryRun else {
            return .json((["code": 200, "msg": "Nothing was pulled", "job_id": nil] as JSON).merging(more))
        }
        let (id, isReplay) = try await service.begin(asked.request)
        more["status_url"] = JSON("/pull/\(id)")
        var response = Response.json(
            (["code": 200, "msg": "Pull initiated", "job_id": JSON(id)] as JSON).merging(more)
        )
        if isReplay { response.headers["Idempotency-Replayed"] = "true" }
        return response
    }

    /// `GET /pull`: the newest first.
    private func list(_ request: Request) async throws -> Response {
        _ = try allowed(request)
        let limit = try limit(request)
        var last: Pull?
        if let cursor = request.query["cursor"] {
            guard let id = ID<Pull>(cursor), let known = try await pulls.find(id) else {
                throw MemesError.badField(name: "cursor", reason: "Send the cursor of the page before.")
            }
            last = known
        }
        let found = try await pulls.page(before: last, limit: limit + 1)
        let page = found.prefix(limit)
        let cursor = found.count > limit ? page.last?.id.description : nil
        return envelope.answer(JSON(page.map(wire.job)), more: ["cursor": JSON(cursor)])
    }

    /// `GET /pull/{pull_id}`
    private func show(_ request: Request) async throws -> Response {
        _ = try allowed(request)
        return .json(try await answer(try id(request)))
    }

    /// `GET /pull/{pull_id}/items?state=&cursor=`
    private func listItems(_ request: Request) async throws -> Response {
        _ = try allowed(request)
        let id = try id(request)
        guard try await pulls.find(id) != nil else { throw PullError.notFound }
        let state = try request.query("state", as: PullItem.State.self)
        let limit = try limit(request)
        let found = try await items.page(
            id,
            states: state.map { [$0] } ?? [],
            after: request.query["cursor"],
            limit: limit + 1,
        )
        let page = found.prefix(limit)
        let cursor = found.count > limit ? page.last?.key : nil
        return envelope.answer(JSON(page.map(wire.item)), more: ["cursor": JSON(cursor)])
    }

    /// `GET /pull/{pull_id}/events`
    private func follow(_ request: Request) async throws -> Response {
        _ = try allowed(request)
        let id = try id(request)
        _ = try await progress.progress(of: id)  // 404 before the stream begins
        return events.stream(of: id, after: request.headers["Last-Event-ID"])
    }

    private func change(_ request: Request, _ change: (ID<Pull>) async throws -> Void) async throws -> Response {
        _ = try allowed(request)
        let id = try id(request)
        try await change(id)
        return .json(try await answer(id))
    }

    /// `POST /pull/{pull_id}/retry {class?, keys?}`
    private func retry(_ request: Request) async throws -> Response {
        _ = try allowed(request)
        let id = try id(request)
        let body = try await PullBody.json(request)
        let count = try await service.retry(id, states: try states(body), keys: try keys(body))
        return .json(try await answer(id).merging(["retried": JSON(count)]))
    }

    private func states(_ body: JSON) throws -> [PullItem.State] {
        switch try body.text("class", upTo: 20) {
        case nil: return [.failed, .dead]
        case "permanent": return [.failed]
        case "transient": return [.dead]
        default: throw MemesError.badField(name: "class", reason: "Use permanent or transient.")
        }
    }

    private func keys(_ body: JSON) throws -> [String] {
        guard let value = body["keys"], value != .null else { return [] }
        let keys = (value.array ?? [.null]).compactMap(\.string)
        guard keys.count == value.array?.count, (1...1000).contains(keys.count) else {
            throw MemesError.badField(name: "keys", reason: "Use a list of 1 to 1000 keys.")
        }
        return keys
    }

    private func answer(_ id: ID<Pull>) async throws -> JSON {
        (["code": 200, "msg": ""] as JSON).merging(wire.progress(try await progress.progress(of: id)))
    }

    private func id(_ request: Request) throws -> ID<Pull> {
        guard let id = ID<Pull>(try request.path("pull_id", as: String.self)) else { throw PullError.notFound }
        return id
    }

    private func limit(_ request: Request) throws -> Int {
        try QueryParameters.count(try request.query("limit", as: Int.self) ?? 50, name: "limit")
    }

    /// Whoever shows a key or a token with the permission, and administrators. A visitor on this machine, in
    /// development mode, may look and steer, as the pages do; a pull itself needs a key, as in the original.
    private func allowed(_ request: Request, visitors: Bool = true) throws -> Principal {
        guard let principal = request.principal, visitors || principal.proof != .localVisit else {
            throw MemesError.notSignedIn
        }
        guard principal.may(Self.permission) || principal.isAdmin || principal.proof == .localVisit else {
            throw MemesError.notAllowed(scope: Self.permission)
        }
        return principal
    }

    /// As elsewhere, and the pull that is in the way.
    private var errorStyle: ErrorStyle {
        { [style = envelope.errorStyle] failure, request in
            let response = style(failure, request)
            guard case .alreadyRunning(let id) = failure as? PullError, case .bytes(let bytes) = response.body,
                let body = try? JSON(parsing: bytes)
            else { return response }
            var answer = response
            answer.body = .bytes(body.merging(["job_id": JSON(id), "status_url": JSON("/pull/\(id)")]).bytes)
            return answer
        }
    }
}
