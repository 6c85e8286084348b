/// A value as it stands in a file or a variable, before it has a type.
package struct RawSetting: Sendable {
    enum Content: Sendable {
        case text(String)
        case list([String])
        case map([(name: String, value: String)])
    }

    let content: Content

    init(_ content: Content) { self.content = content }

    /// Makes text of a command-line option or a variable.
    package init(_ text: String) { content = .text(text) }

    /// The value when it is one plain text.
    package var text: String? { if case .text(let text) = content { text } else { nil } }

    /// A list: one of YAML, a JSON array, or text with commas; blanks around an element do not count.
    package var list: [String]? {
        switch content {
        case .list(let elements): return elements
        case .map: return nil
        case .text(let text):
            if text.hasPrefix("[") {
                guard case .list(let elements)? = flowContent(text) else { return nil }
                return elements
            }
            return text.split(separator: ",").map(trimmed).filter { !$0.isEmpty }
        }
    }

    /// Named values in their order: a map of YAML, a JSON object, or text such as `small=150,large=1200`.
    package var entries: [(name: String, value: String)]? {
        switch content {
        case .map(let entries): return entries
        case .list: return nil
        case .text(let text):
            if text.hasPrefix("{") {
                guard case .map(let entries)? = flowContent(text) else { return nil }
                return entries
            }
            return pairs(text)
        }
    }

    /// How a problem repeats it.
    var shown: String {
        let text =
            switch content {
            case .text(let text): text
            case .list(let elements): "[" + elements.joined(separator: ", ") + "]"
            case .map(let entries): "{" + entries.map { "\($0.name): \($0.value)" }.joined(separator: ", ") + "}"
            }
        let visible = String(
            text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "\u{FFFD}" : Character($0) }
        )
        return visible.count > 120 ? visible.prefix(117) + "…" : visible
    }

    private func pairs(_ text: String) -> [(name: String, value: String)]? {
        var entries: [(name: String, value: String)] = []
        for pair in text.split(separator: ",") {
            let halves = pair.split(separator: "=", maxSplits: 1).map(trimmed)
            guard halves.count == 2, !entries.contains(where: { $0.name == halves[0] }) else { return nil }
            entries.append((halves[0], halves[1]))
        }
        return entries
    }
}

/// JSON in one line is also YAML in flow style, and libyaml keeps the order of an object and sees repeated names.
private func flowContent(_ text: String) -> RawSetting.Content? {
    let (root, problems) = YAMLReader.read(text, file: "value")
    guard problems.isEmpty else { return nil }
    return root?.setting?.content
}

func trimmed(_ text: some StringProtocol) -> String {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    let tail = text.drop(while: isBlank)
    guard let last = tail.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(tail[...last])
}
