import Kernel
import Synchronization
import Telemetry

/// Leads requests to handlers.
///
/// Literal segments win over `{parameters}` whatever the order of declaration. `HEAD` is answered by the `GET` route,
/// `OPTIONS` by the list of methods; a known path with another method is 405. A trailing slash counts.
package struct Router: Sendable {
    struct Entry: Sendable {
        let method: Method
        let pattern: PathPattern
        let limits: Limits
        let errors: ErrorStyle?
        let middleware: [any Middleware]
        let handler: Handler
    }

    private let middleware: [any Middleware]
    private let log: Log
    private var prefix = ""
    private var groupErrors: ErrorStyle?
    private var groupMiddleware: [any Middleware] = []
    private var entries: [Entry] = []
    private var errorStyles: [(prefix: String, style: ErrorStyle)] = []
    private var table = RouteTable.Cache()

    /// - Parameters:
    ///   - middleware: Around every answer, the first outermost; also around 404 and 405.
    ///   - log: Where unexpected errors are told.
    package init(middleware: [any Middleware] = [], log: Log = .silent) {
        self.middleware = middleware
        self.log = log
    }

    /// Every declared method and pattern, in the order of declaration.
    package var routes: [(method: Method, pattern: String)] { entries.map { ($0.method, $0.pattern.text) } }

    /// Adds a DELETE route; see ``add(_:_:limits:middleware:_:)``.
    package mutating func delete(
        _ pattern: String,
        limits: Limits = .default,
        middleware: [any Middleware] = [],
        _ handler: @escaping Handler,
    ) { add(.delete, pattern, limits: limits, middleware: middleware, handler) }

    /// Adds a GET route, which answers HEAD too; see ``add(_:_:limits:middleware:_:)``.
    package mutating func get(
        _ pattern: String,
        limits: Limits = .default,
        middleware: [any Middleware] = [],
        _ handler: @escaping Handler,
    ) { add(.get, pattern, limits: limits, middleware: middleware, handler) }

    /// Adds a PATCH route; see ``add(_:_:limits:middleware:_:)``.
    package mutating func patch(
        _ pattern: String,
        limits: Limits = .default,
        middleware: [any Middleware] = [],
        _ handler: @escaping Handler,
    ) { add(.patch, pattern, limits: limits, middleware: middleware, handler) }

    /// Adds a POST route; see ``add(_:_:limits:middleware:_:)``.
    package mutating func post(
        _ pattern: String,
        limits: Limits = .default,
        middleware: [any Middleware] = [],
        _ handler: @escaping Handler,
    ) { add(.post, pattern, limits: limits, middleware: middleware, handler) }

    /// Adds a PUT route; see ``add(_:_:limits:middleware:_:)``.
    package mutating func put(
        _ pattern: String,
        limits: Limits = .default,
        middleware: [any Middleware] = [],
        _ handler: @escaping Handler,
    ) { add(.put, pattern, limits: limits, middleware: middleware, handler) }

    /// Adds a route. Two routes of one method whose patterns match the same paths stop the program.
    ///
    /// A pattern is such as `/images/{image_id}` or `/storage/{path...}`.
    package mutating func add(
        _ method: Method,
        _ pattern: String,
        limits: Limits = .default,
        middleware: [any Middleware] = [],
        _ handler: @escaping Handler,
    ) {
        let pattern = PathPattern(prefix + pattern)
        precondition(
            !entries.contains { $0.method == method && $0.pattern.segments == pattern.segments },
            "two routes for \(method) \(pattern.text)",
        )
        entries.append(
            Entry(
                method: method,
                pattern: pattern,
                limits: limits,
                errors: groupErrors,
                middleware: groupMiddleware + middleware,
                handler: handler,
            )
        )
        table = RouteTable.Cache()
    }

    /// Adds routes that share a prefix, a form of errors or middleware.
    ///
    /// `prefix` stands before every pattern of the group. `errors` is the form of errors of its routes and, with a
    /// prefix, of unknown addresses below it. `middleware` goes around every route, inside the router's own.
    package mutating func group(
        _ prefix: String = "",
        errors: ErrorStyle? = nil,
        middleware: [any Middleware] = [],
        _ build: (inout Router) throws -> Void,
    ) rethrows {
        var child = Router()
        child.prefix = self.prefix + prefix
        child.groupErrors = errors ?? groupErrors
        child.groupMiddleware = groupMiddleware + middleware
        child.entries = entries
        child.errorStyles = errorStyles
        try build(&child)
        entries = child.entries
        errorStyles = child.errorStyles
        if let errors, !child.prefix.isEmpty { self.errors(under: child.prefix, errors) }
        table = RouteTable.Cache()
    }

    /// Gives errors below `prefix` a form of their own, those of unknown addresses and wrong methods too. The longest
    /// prefix wins; a group's own form goes before it.
    package mutating func errors(under prefix: String, _ style: @escaping ErrorStyle) {
        errorStyles.append((prefix, style))
        table = RouteTable.Cache()
    }

    /// Answers a request; never throws, because errors become responses. For tests and calls within the process.
    package func respond(to request: Request) async -> Response { await compiled.respond(to: request) }

    /// The finished router as a function, for ``Server``.
    package var handler: @Sendable (Request) async -> Response {
        { [table = compiled] request in await table.respond(to: request) }
    }

    private var compiled: RouteTable {
        table.get { RouteTable(entries: entries, middleware: middleware, errorStyles: errorStyles, log: log) }
    }
}
