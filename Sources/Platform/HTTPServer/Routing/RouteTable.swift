import Kernel
import Synchronization
import Telemetry

/// A router that no longer changes: every chain of middleware is composed and every path is a walk through a tree.
final class RouteTable: Sendable {
    /// Keeps the table of a router value until the router changes.
    final class Cache: Sendable {
        private let table = Mutex<RouteTable?>(nil)

        func get(_ make: () -> RouteTable) -> RouteTable {
            table.withLock { table in
                if let table { return table }
                let made = make()
                table = made
                return made
            }
        }
    }

    private let tree: RouteTree
    private let missingUnder: [(prefix: String, routes: SpecialRoutes)]
    private let special: SpecialRoutes

    init(
        entries: [Router.Entry],
        middleware: [any Middleware],
        errorStyles: [(prefix: String, style: ErrorStyle)],
        log: Log,
    ) {
        let composer = Composer(middleware: middleware, log: log)
        // The longest prefix first, so that the first that fits is the nearest.
        let styles = errorStyles.sorted { $0.prefix.utf8.count > $1.prefix.utf8.count }
        var tree = RouteTree()
        for entry in entries {
            let style = entry.errors ?? styles.first { isPath(entry.pattern.text, under: $0.prefix) }?.style
            tree.insert(composer.route(entry, errors: style), method: entry.method, pattern: entry.pattern)
        }
        self.tree = tree
        special = SpecialRoutes(composer, errors: nil)
        missingUnder = styles.map { ($0.prefix, SpecialRoutes(composer, errors: $0.style)) }
    }

    func respond(to request: Request) async -> Response {
        let (request, route) = routed(request)
        var response: Response
        do {
            response = try await route.handler(request)
        } catch {
            // The outermost middleware's `next` never throws; it may itself.
            response = .problem(error as? any Failure ?? HTTPError.stopping)
        }
        if request.method == .head { response.body = .head(length: response.body.length) }
        return response
    }

    /// The request with its route, whose limits hold from here on.
    private func routed(_ request: Request) -> (Request, Route) {
        var request = request
        let route = find(&request)
        request.route = route
        request.body.limit = route.limits.maxBodyBytes
        request.control?.limitTime(to: route.limits.timeout)
        return (request, route)
    }

    /// Chooses the route and sets what the path tells the request.
    private func find(_ request: inout Request) -> Route {
        // A refused target has no path; the form of the error follows from what was sent.
        if request.targetProblem != nil { return specialRoutes(for: request.target).malformed }
        let method = request.method
        if let route = tree.literal(request.path)?.route(for: method) { return route }
        let candidates = tree.find(request.path)
        if let found = candidates.first(where: { $0.endpoint.route(for: method) != nil }),
            let route = found.endpoint.route(for: method)
        {
            request.parameterValues = found.values
            return route
        }
        let special = specialRoutes(for: request.path)
        guard !candidates.isEmpty else { return special.notFound }
        request.allowedMethods = Set(candidates.flatMap(\.endpoint.allowed)).sorted { $0.rawValue < $1.rawValue }
        return method == .options ? special.options : special.notAllowed
    }

    private func specialRoutes(for path: String) -> SpecialRoutes {
        missingUnder.first { isPath(path, under: $0.prefix) }?.routes ?? special
    }
}

/// The routes for requests that no declared route answers.
private struct SpecialRoutes: Sendable {
    let malformed: Route
    let notAllowed: Route
    let notFound: Route
    let options: Route

    init(_ composer: Composer, errors: ErrorStyle?) {
        malformed = composer.route(errors: errors) { request in
            throw request.targetProblem ?? HTTPError.badRequest("The request target cannot be read.")
        }
        notAllowed = composer.route(errors: errors) { request in
            throw HTTPError.methodNotAllowed(allowed: request.allowedMethods)
        }
        notFound = composer.route(errors: errors) { _ in throw HTTPError.notFound }
        options = composer.route(errors: errors) { request in
            let allowed = request.allowedMethods.map(\.rawValue).joined(separator: ", ")
            return Response(status: 204, headers: ["Allow": allowed])
        }
    }
}

private func isPath(_ path: String, under prefix: String) -> Bool {
    guard path.utf8.starts(with: prefix.utf8) else { return false }
    return prefix.hasSuffix("/") || path.utf8.count == prefix.utf8.count
        || path.utf8.dropFirst(prefix.utf8.count).first == UInt8(ascii: "/")
}
