/// What `pictor.yaml` may hold: maps of maps, plain values and lists of plain values.
struct YAMLNode: Sendable {
    enum Content: Sendable {
        /// Nothing written, `~` or `null`: the setting keeps what a lower layer says.
        case nothing
        case text(String)
        case list([YAMLNode])
        case map([(name: String, node: YAMLNode)])
    }

    let content: Content
    /// Counted from 1.
    let line: Int

    subscript(name: String) -> YAMLNode? {
        guard case .map(let entries) = content else { return nil }
        return entries.first { $0.name == name }?.node
    }

    /// The node at a dotted key.
    func node(at key: String) -> YAMLNode? {
        key.split(separator: ".").reduce(self as YAMLNode?) { node, name in node?[String(name)] }
    }

    /// The value as a setting; `nil` when nothing is written or when it nests deeper than settings do.
    var setting: RawSetting? {
        switch content {
        case .nothing: return nil
        case .text(let text): return RawSetting(.text(text))
        case .list(let nodes):
            let texts = nodes.compactMap(\.text)
            return texts.count == nodes.count ? RawSetting(.list(texts)) : nil
        case .map(let entries):
            let texts = entries.compactMap { entry in entry.node.text.map { (name: entry.name, value: $0) } }
            return texts.count == entries.count ? RawSetting(.map(texts)) : nil
        }
    }

    private var text: String? { if case .text(let text) = content { text } else { nil } }
}
