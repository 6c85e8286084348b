extension Request {
    /// Whether `Accept` names this media type, or its whole kind (`text/*`), and does not refuse it with `q=0`.
    /// `*/*` does not count: it is what clients send that have no wish.
    package func accepts(_ type: String) -> Bool {
        let kind = type.prefix { $0 != "/" } + "/*"
        return headers.all("Accept").flatMap { $0.split(separator: ",") }.contains { item in
            let range = HeaderParameters(String(item))
            let isNamed = range.value == type || range.value == kind
            return isNamed && range["q"].flatMap(Double.init) != 0
        }
    }
}
