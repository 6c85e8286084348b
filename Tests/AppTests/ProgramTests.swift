import Testing

@testable import App

/// The command line as a whole: every command, its help, its mistakes.
@Suite struct ProgramTests {
    @Test func everyCommandSaysWhatItDoesInOneLine() {
        for command in Program.commands {
            #expect(!command.summary.hasSuffix("."), "\(command.name)")
            #expect(command.summary.first?.isUppercase == true, "\(command.name)")
            #expect(command.summary.count <= 80, "\(command.name)")
            #expect(command.help.contains("Usage: pictor \(command.name) "), "\(command.name)")
        }
        #expect(Set(Program.commands.map { $0.name }).count == Program.commands.count)
    }

    @Test func helpNamesEveryOptionWithASentence() {
        for command in Program.commands {
            for option in command.options {
                #expect(option.name.hasPrefix("-"), "\(command.name) \(option.name)")
                #expect(option.help.hasSuffix("."), "\(command.name) \(option.name)")
                #expect(command.help.contains("  \(option.name)"), "\(command.name) \(option.name)")
            }
            #expect(Set(command.options.map(\.name)).count == command.options.count, "\(command.name)")
        }
    }

    @Test func helpFitsATerminalOf120Columns() {
        for command in Program.commands {
            for line in command.help.split(separator: "\n") where !line.contains("curl ") {
                #expect(line.count <= 120, "\(command.name): \(line)")
            }
        }
    }

    @Test func examplesAreLinesThatTheCommandAccepts() throws {
        for command in Program.commands {
            for example in command.examples
            where example.hasPrefix("pictor \(command.name)") && !example.contains("$(") {
                let words = example.split(separator: " ").dropFirst(1 + command.name.split(separator: " ").count)
                _ = try command.init(Arguments(words.map(String.init), options: command.options))
            }
        }
    }

    @Test(
        "wrong lines end with 64",
        arguments: [
            ["serv"], ["serve", "--prot", "1"], ["serve", "here"], ["token"], ["key", "create"], ["key"], ["upload"],
            ["import", "images"], ["backup"], ["user", "erase"], ["healthcheck", "now"], ["config", "--json", "x"],
            ["key", "revoke"], ["doctor", "--json=1"], [],
        ] as [[String]],
    )
    func wrongLine(line: [String]) async {
        #expect(await Program.main(line) == ExitCode.usage)
    }

    @Test(
        "help and version end with 0",
        arguments: [["--help"], ["-h"], ["help"], ["--version"], ["serve", "--help"]],
    )
    func help(line: [String]) async {
        #expect(await Program.main(line) == ExitCode.success)
    }
}
