/// A route's path: literal segments, `{name}` for one segment, and at the end `{name...}` for all that remain.
struct PathPattern: Sendable {
    enum Segment: Hashable, Sendable {
        case literal(String)
        case parameter
        /// At least one segment.
        case rest
    }

    let text: String
    let segments: [Segment]
    let names: [String]

    /// Stops the program on a malformed pattern: patterns are written by us, not by strangers.
    init(_ text: String) {
        precondition(text.hasPrefix("/"), "a pattern begins with a slash: \(text)")
        self.text = text
        var segments: [Segment] = []
        var names: [String] = []
        for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            precondition(segments.last != .rest, "nothing follows {name...}: \(text)")
            guard part.hasPrefix("{"), part.hasSuffix("}") else {
                precondition(!part.contains("{") && !part.contains("}"), "a parameter is a whole segment: \(text)")
                segments.append(.literal(String(part)))
                continue
            }
            let name = part.dropFirst().dropLast()
            segments.append(name.hasSuffix("...") ? .rest : .parameter)
            names.append(String(name.hasSuffix("...") ? name.dropLast(3) : name))
        }
        precondition(Set(names).count == names.count, "a name stands twice: \(text)")
        self.segments = segments
        self.names = names
    }
}
