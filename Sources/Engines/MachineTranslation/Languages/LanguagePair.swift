/// One step that a machine translates, such as English to Spanish. Codes are BCP-47: `en`, `es`, `pt-BR`.
package struct LanguagePair: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
    package let from: String
    package let to: String

    /// Takes ISO 639-3 too: `eng` becomes `en`.
    package init(from: String, to: String) {
        self.from = languageCode(from)
        self.to = languageCode(to)
    }

    package var description: String { "\(from)-\(to)" }

    package static func < (one: LanguagePair, other: LanguagePair) -> Bool {
        (one.from, one.to) < (other.from, other.to)
    }
}
