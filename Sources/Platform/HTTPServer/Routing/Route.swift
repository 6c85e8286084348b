/// What answers one method of one pattern, or what answers where there is no such route.
final class Route: Sendable {
    let limits: Limits
    let errors: ErrorStyle?
    let parameterNames: [String]
    /// The pattern, for metrics and logs; `nil` when no route was found.
    let label: String?
    /// The whole way: the router's middleware, the group's, the route's, the handler.
    let handler: Handler

    init(
        label: String?,
        parameterNames: [String] = [],
        limits: Limits = .default,
        errors: ErrorStyle?,
        handler: @escaping Handler,
    ) {
        self.label = label
        self.parameterNames = parameterNames
        self.limits = limits
        self.errors = errors
        self.handler = handler
    }
}
