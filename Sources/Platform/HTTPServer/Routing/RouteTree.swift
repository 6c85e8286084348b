/// Paths as a tree of segments.
struct RouteTree: Sendable {
    /// The routes of one pattern, by method. A handful: a list is faster than a dictionary.
    struct Endpoint: Sendable {
        fileprivate(set) var routes: [(method: Method, route: Route)] = []

        /// The route for `method`; `HEAD` falls back to `GET`.
        func route(for method: Method) -> Route? {
            for entry in routes where entry.method == method { return entry.route }
            return method == .head ? route(for: .get) : nil
        }

        /// What `Allow` says.
        var allowed: [Method] {
            var methods = routes.map(\.method)
            if methods.contains(.get), !methods.contains(.head) { methods.append(.head) }
            if !methods.contains(.options) { methods.append(.options) }
            return methods
        }
    }

    struct Match {
        let endpoint: Endpoint
        let values: [String]
    }

    private struct Node: Sendable {
        var literals: [String: Int] = [:]
        var parameter: Int?
        var endpoint: Int?
        var rest: Int?
    }

    private var nodes = [Node()]
    private var endpoints: [Endpoint] = []
    /// Patterns without parameters, by their whole path: most requests need one look.
    private var literalPaths: [String: Int] = [:]

    mutating func insert(_ route: Route, method: Method, pattern: PathPattern) {
        var node = 0
        for segment in pattern.segments where segment != .rest { node = child(of: node, segment) }
        let endsWithRest = pattern.segments.last == .rest
        let endpoint = (endsWithRest ? nodes[node].rest : nodes[node].endpoint) ?? endpoints.count
        if endpoint == endpoints.count { endpoints.append(Endpoint()) }
        if endsWithRest { nodes[node].rest = endpoint } else { nodes[node].endpoint = endpoint }
        endpoints[endpoint].routes.append((method, route))
        if pattern.names.isEmpty { literalPaths[pattern.text] = endpoint }
    }

    /// The pattern without parameters that is `path` itself.
    func literal(_ path: String) -> Endpoint? { literalPaths[path].map { endpoints[$0] } }

    /// Every pattern that fits `path`, the most literal first.
    func find(_ path: String) -> [Match] {
        var matches: [Match] = []
        if let endpoint = literalPaths[path] { matches.append(Match(endpoint: endpoints[endpoint], values: [])) }
        guard path.utf8.first == UInt8(ascii: "/"), nodes.count > 1 || nodes[0].rest != nil else { return matches }
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        collect(from: 0, segments[...], [], &matches)
        return matches
    }

    private mutating func child(of node: Int, _ segment: PathPattern.Segment) -> Int {
        let known: Int?
        switch segment {
        case .literal(let text): known = nodes[node].literals[text]
        case .parameter, .rest: known = nodes[node].parameter
        }
        if let known { return known }
        nodes.append(Node())
        switch segment {
        case .literal(let text): nodes[node].literals[text] = nodes.count - 1
        case .parameter, .rest: nodes[node].parameter = nodes.count - 1
        }
        return nodes.count - 1
    }

    private func collect(
        from node: Int,
        _ segments: ArraySlice<Substring>,
        _ values: [String],
        _ matches: inout [Match],
    ) {
        let node = nodes[node]
        guard let segment = segments.first else {
            // A pattern without parameters was found by its whole path already.
            if let endpoint = node.endpoint, !values.isEmpty {
                matches.append(Match(endpoint: endpoints[endpoint], values: values))
            }
            return
        }
        if let next = node.literals[String(segment)] { collect(from: next, segments.dropFirst(), values, &matches) }
        if let next = node.parameter, !segment.isEmpty {
            collect(from: next, segments.dropFirst(), values + [String(segment)], &matches)
        }
        if let rest = node.rest {
            matches.append(Match(endpoint: endpoints[rest], values: values + [segments.joined(separator: "/")]))
        }
    }
}
