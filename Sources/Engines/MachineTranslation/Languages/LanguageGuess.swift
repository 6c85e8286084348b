/// A guess at the language of a text.
package struct LanguageGuess: Sendable, Hashable, Codable {
    /// BCP-47.
    package let language: String
    /// 0…1.
    package let confidence: Double
}
