/// One word after `pictor`.
protocol Command: Sendable {
    /// The word, or two, such as `key create`.
    static var name: String { get }
    /// What it does, in one sentence without a full stop.
    static var summary: String { get }
    /// The rest of the line in the help, such as `[OPTION]… PATH…`.
    static var usage: String { get }
    static var options: [Option] { get }
    /// Example lines for the help.
    static var examples: [String] { get }
    /// More for the help: what it prints, exit codes.
    static var details: String { get }

    init(_ arguments: Arguments) throws
    /// - Returns: The exit code.
    func run() async throws -> Int32
}

extension Command {
    static var usage: String { "[OPTION]…" }
    static var examples: [String] { [] }
    static var details: String { "" }

    /// The text of `--help`.
    static var help: String {
        var text = "\(summary).\n\nUsage: pictor \(name) \(usage)\n"
        if !details.isEmpty { text += "\n\(details)\n" }
        let all = options + [.flag("--help", "Print this help and end.")]
        let names = all.map { $0.name + ($0.value.map { " \($0)" } ?? "") }
        let width = names.map(\.count).max() ?? 0
        text += "\nOptions:\n"
        for (option, name) in zip(all, names) {
            text += "  \(name)\(String(repeating: " ", count: width - name.count))  \(option.help)\n"
        }
        if !examples.isEmpty { text += "\nExamples:\n" + examples.map { "  \($0)\n" }.joined() }
        return text
    }
}

/// Exit codes, as sysexits(3) names them where it does.
enum ExitCode {
    static let success: Int32 = 0
    /// Something did not work; standard error says what.
    static let failure: Int32 = 1
    /// The command line is wrong (EX_USAGE).
    static let usage: Int32 = 64
    /// Another process holds the data directory, or a part is missing (EX_UNAVAILABLE).
    static let unavailable: Int32 = 69
    /// The configuration is wrong (EX_CONFIG).
    static let configuration: Int32 = 78
}

/// An error that a command reports with an exit code of its own.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String
    let exitCode: Int32

    init(_ description: String, exitCode: Int32 = ExitCode.failure) {
        self.description = description
        self.exitCode = exitCode
    }
}
