/// Every setting that the program knows, with its value now: `pictor config` and the documentation.
package struct SettingsCatalogue: Sendable {
    /// One setting as it came out.
    package struct Entry: Sendable, Equatable {
        package let key: String
        /// The name in the environment.
        package let variable: String
        package let aliases: [String]
        package let help: String
        /// Completes "it must be …".
        package let allowed: String
        /// As the user would write it; `****` for a secret that is set, empty for nothing.
        package let value: String
        package let standard: String
        package let source: SettingSource
        package let isSecret: Bool
    }

    /// In the order of reading.
    package let entries: [Entry]

    package subscript(key: String) -> Entry? { entries.first { $0.key == key } }

    /// One line a setting: key, value, and where the value comes from. Secrets are masked.
    package var table: String {
        let keyWidth = entries.map(\.key.count).max() ?? 0
        let valueWidth = min(40, entries.map(\.value.count).max() ?? 0)
        return entries.map { entry in
            "\(padded(entry.key, keyWidth))  \(padded(entry.value, valueWidth))  \(entry.source)\n"
        }.joined()
    }

    /// A Markdown table of all settings, for the documentation. It says nothing of the values now.
    package var markdown: String {
        let rows = entries.map { entry in
            let names = ([entry.variable] + entry.aliases).map { "`\($0)`" }.joined(separator: ", ")
            let standard = entry.standard.isEmpty ? "–" : "`\(entry.standard)`"
            return "| `\(entry.key)` | \(names) | \(standard) | \(entry.help) It must be \(entry.allowed). |\n"
        }
        return "| setting | variables | default | meaning |\n|---|---|---|---|\n" + rows.joined()
    }
}

private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}
