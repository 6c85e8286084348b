/// Everything that is wrong with the settings, found in one go.
///
/// The program prints ``description`` on standard error and ends with ``exitCode``.
package struct SettingsError: Error, Sendable, CustomStringConvertible {
    package let problems: [SettingsProblem]

    /// `EX_CONFIG` of sysexits.h: something was found in an unconfigured or misconfigured state.
    package static let exitCode: Int32 = 78

    package init(_ problems: [SettingsProblem]) { self.problems = problems }

    /// One line a problem, under a heading.
    package var description: String {
        let heading = problems.count == 1 ? "There is a problem" : "There are \(problems.count) problems"
        return heading + " with the settings:\n" + problems.map { "  - \($0.sentence)\n" }.joined()
    }
}

/// One thing that is wrong, in one sentence for the person who runs the server.
package struct SettingsProblem: Sendable, Equatable, CustomStringConvertible {
    /// The setting, variable or file that it is about, such as `images.webp_quality`.
    package let key: String
    /// Names the key, the value unless it is a secret, and what is allowed.
    package let sentence: String

    package init(_ key: String, _ sentence: String) {
        self.key = key
        self.sentence = sentence
    }

    package var description: String { sentence }
}
