/// Terms that a user decides, whatever the machine would say. A term is found as whole words.
package struct Glossary: Sendable, Hashable, Codable {
    /// A term and what it becomes.
    package struct Term: Sendable, Hashable, Codable {
        package let source: String
        package let target: String
        /// Whether `source` is found only as it is written here, and `target` keeps its case in capitals too.
        package let matchesCase: Bool

        package init(source: String, target: String, matchesCase: Bool = false) {
            self.source = source
            self.target = target
            self.matchesCase = matchesCase
        }
    }

    /// Of two that fit at one place the longer is taken, then the one that matches the case.
    package let terms: [Term]
    /// Terms that stay as they are, in any case.
    package let kept: [String]

    /// Empty terms are left out.
    package init(terms: [Term] = [], kept: [String] = []) {
        self.terms = terms.filter { !$0.source.isEmpty }
        self.kept = kept.filter { !$0.isEmpty }
    }

    package static let empty = Glossary()
}
