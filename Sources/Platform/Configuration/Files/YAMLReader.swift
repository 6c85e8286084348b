/// Reads the small part of YAML 1.1 that settings need, from the events of libyaml.
///
/// Anchors, aliases, tags and repeated keys are refused with their line: each of them makes a file mean something else
/// than it seems to say.
struct YAMLReader {
    private static let deepest = 8

    private let events: YAMLEvents
    private let file: String
    private var problems: [SettingsProblem] = []

    private init(_ events: YAMLEvents, file: String) {
        self.events = events
        self.file = file
    }

    /// The root map (or, for a value in flow style, list), `nil` when there is none, and all that is wrong. `file` is the
    /// name that problems use.
    static func read(_ text: String, file: String) -> (root: YAMLNode?, problems: [SettingsProblem]) {
        var reader = YAMLReader(YAMLEvents(text), file: file)
        do {
            let root = try reader.document()
            return (root, reader.problems)
        } catch {
            let sentence =
                lineIndentedByTab(text).map { "\(file) line \($0) is indented with a tab; YAML takes spaces only." }
                ?? "\(file) line \(error.line) is not valid YAML: \(error.reason)."
            return (nil, reader.problems + [SettingsProblem(file, sentence)])
        }
    }

    private mutating func document() throws(YAMLFailure) -> YAMLNode? {
        var root: YAMLNode?
        while true {
            let event = try events.next()
            switch event.kind {
            case .documentStart where root != nil:
                report(event.line, "begins a second document; only one is read")
                return root
            case .ignorable, .documentStart: continue
            case .end: return root
            default: root = try node(from: event, depth: 0)
            }
        }
    }

    private mutating func node(from event: YAMLEvent, depth: Int) throws(YAMLFailure) -> YAMLNode {
        if event.hasAnchor { report(event.line, "has an anchor (&name); write the value out instead") }
        if event.hasTag { report(event.line, "has a tag (!name); settings need none") }
        guard depth <= Self.deepest else { throw YAMLFailure(line: event.line, reason: "it nests too deeply") }
        switch event.kind {
        case .alias:
            report(event.line, "refers to an anchor (*name); write the value out instead")
            return YAMLNode(content: .nothing, line: event.line)
        case .text(let text, let isPlain):
            let isNothing = isPlain && ["", "~", "null", "Null", "NULL"].contains(text)
            return YAMLNode(content: isNothing ? .nothing : .text(text), line: event.line)
        case .listStart: return try list(from: event, depth: depth)
        case .mapStart: return try map(from: event, depth: depth)
        default: throw YAMLFailure(line: event.line, reason: "a value was expected")
        }
    }

    private mutating func list(from start: YAMLEvent, depth: Int) throws(YAMLFailure) -> YAMLNode {
        var nodes: [YAMLNode] = []
        while true {
            let event = try events.next()
            if event.kind == .listEnd { return YAMLNode(content: .list(nodes), line: start.line) }
            let node = try node(from: event, depth: depth + 1)
            if case .text = node.content {
                nodes.append(node)
            } else if event.kind != .alias {
                report(event.line, "holds something else than a plain value in a list")
            }
        }
    }

    private mutating func map(from start: YAMLEvent, depth: Int) throws(YAMLFailure) -> YAMLNode {
        var entries: [(name: String, node: YAMLNode)] = []
        while true {
            let key = try events.next()
            if key.kind == .mapEnd { return YAMLNode(content: .map(entries), line: start.line) }
            guard case .text(let name, _) = key.kind else {
                throw YAMLFailure(line: key.line, reason: "a key must be plain text")
            }
            if key.hasAnchor { report(key.line, "has an anchor (&name); write the key without it") }
            if key.hasTag { report(key.line, "has a tag (!name); settings need none") }
            let value = try node(from: try events.next(), depth: depth + 1)
            if let first = entries.first(where: { $0.name == name }) {
                report(key.line, "repeats the key \(name), which already stands in line \(first.node.line)")
            } else {
                entries.append((name, YAMLNode(content: value.content, line: key.line)))
            }
        }
    }

    private mutating func report(_ line: Int, _ what: String) {
        problems.append(SettingsProblem(file, "\(file) line \(line) \(what)."))
    }
}

extension YAMLReader {
    /// The first line that a tab indents, or `nil`. libyaml's own words for it ("found character that cannot start any
    /// token") help nobody.
    private static func lineIndentedByTab(_ text: String) -> Int? {
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let index = lines.firstIndex { line in
            let indent = line.prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            let isBlank = indent.count == line.count || line.dropFirst(indent.count).first == UInt8(ascii: "\r")
            return !isBlank && indent.contains(UInt8(ascii: "\t"))
        }
        return index.map { $0 + 1 }
    }
}
