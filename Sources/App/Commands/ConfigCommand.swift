import Configuration
import Kernel

/// `pictor config`
struct ConfigCommand: Command {
    static let name = "config"
    static let summary = "Print every setting, its value and where it comes from"
    static let options =
        commonOptions + [
            .flag("--json", "Print JSON."), .flag("--markdown", "Print the table of the documentation."),
        ]
    static let details = "Secrets are masked. Exit code 78 when something is wrong, with every problem named."

    private let arguments: Arguments

    init(_ arguments: Arguments) throws {
        try arguments.requireNoWords()
        self.arguments = arguments
    }

    func run() async throws -> Int32 {
        let settings = try Settings(layers(arguments))
        if arguments.has("--json") {
            Terminal.print(json(settings.catalogue).prettyText)
        } else {
            Terminal.print(arguments.has("--markdown") ? settings.catalogue.markdown : settings.catalogue.table)
        }
        for warning in settings.warnings { Terminal.printError("warning: \(warning)") }
        return ExitCode.success
    }

    private func json(_ catalogue: SettingsCatalogue) -> JSON {
        .object(
            catalogue.entries.map { entry in
                (
                    entry.key,
                    [
                        "value": JSON(entry.value), "source": JSON("\(entry.source)"), "variable": JSON(entry.variable),
                        "help": JSON(entry.help),
                    ],
                )
            }
        )
    }
}
