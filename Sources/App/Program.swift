import Configuration
import Glibc
import Kernel

/// The program: finds the command, runs it, and turns what it throws into one sentence and an exit code.
package enum Program {
    /// The version that is told everywhere.
    package static let version = "0.1.0"

    static let commands: [any Command.Type] = [
        ServeCommand.self, WorkerCommand.self, UploadCommand.self, IngestCommand.self, ImportImagesCommand.self,
        MigrateCommand.self, SearchCommand.self, PackExportCommand.self, PackImportCommand.self,
        TranslateCommand.self,
        BackupCommand.self, DatabaseMigrateCommand.self, StorageMigrateCommand.self, JobsCommand.self,
        JobsRequeueCommand.self, JobsCancelCommand.self, JobsResumeCommand.self, ModelsCommand.self,
        ModelListCommand.self, ModelImportCommand.self,
        TokenCommand.self, KeyCreateCommand.self, KeyListCommand.self, KeyRevokeCommand.self, UserEraseCommand.self,
        ConfigCommand.self, DoctorCommand.self,
        HealthcheckCommand.self,
    ]

    /// - Parameter arguments: The command line without the program's own name.
    /// - Returns: The exit code.
    package static func main(_ arguments: [String]) async -> Int32 {
        guard let first = arguments.first, first != "--help", first != "-h", first != "help" else {
            Terminal.print(help)
            return arguments.isEmpty ? ExitCode.usage : ExitCode.success
        }
        if first == "--version" || first == "version" {
            Terminal.print("pictor \(version)")
            return ExitCode.success
        }
        guard let (command, rest) = find(arguments) else {
            Terminal.printError("pictor: unknown command '\(first)'\(suggestion(first)) See: pictor --help")
            return ExitCode.usage
        }
        if rest.contains("--help") || rest.contains("-h") {
            Terminal.print(command.help)
            return ExitCode.success
        }
        return await run(command, rest)
    }

    private static func run(_ command: any Command.Type, _ arguments: [String]) async -> Int32 {
        do {
            return try await command.init(Arguments(arguments, options: command.options)).run()
        } catch let error as UsageError {
            let sentence = "\(error)".hasSuffix("?") ? "\(error)" : "\(error)."
            Terminal.printError("pictor \(command.name): \(sentence) See: pictor \(command.name) --help")
            return ExitCode.usage
        } catch let error as SettingsError {
            Terminal.printError("pictor: the configuration is wrong:\n\(error)")
            return ExitCode.configuration
        } catch let error as CommandFailure {
            Terminal.printError("pictor \(command.name): \(error)")
            return error.exitCode
        } catch let error as any Failure {
            Terminal.printError("pictor \(command.name): \(error.message)")
            return ExitCode.failure
        } catch {
            Terminal.printError("pictor \(command.name): \(error)")
            return ExitCode.failure
        }
    }

    /// Commands of two words are looked for first.
    private static func find(_ arguments: [String]) -> (any Command.Type, [String])? {
        for length in [2, 1] where arguments.count >= length {
            let name = arguments.prefix(length).joined(separator: " ")
            if let command = commands.first(where: { $0.name == name }) {
                return (command, Array(arguments.dropFirst(length)))
            }
        }
        return nil
    }

    /// Ends the sentence about an unknown command with those that may be meant.
    private static func suggestion(_ word: String) -> String {
        let names = commands.map { $0.name }
        let near = names.filter { $0.hasPrefix(word) || word.hasPrefix($0) || $0.sorted() == word.sorted() }
        return near.isEmpty ? "." : "; did you mean \(near.map { "pictor \($0)" }.joined(separator: ", "))?"
    }

    private static var help: String {
        let width = commands.map { $0.name.count }.max() ?? 0
        let lines = commands.map { command in
            "  \(command.name)\(String(repeating: " ", count: width - command.name.count))  \(command.summary)\n"
        }
        return """
            Pictor keeps pictures: it makes their sizes and serves them, finds memes by what they say and mean, and puts the
            words on a picture into another language.

            Usage: pictor COMMAND [OPTION]…

            Commands:
            \(lines.joined())
            Every command has --help. Exit codes: 0 done, 1 failed, 64 wrong usage, 69 unavailable, 78 wrong configuration.
            """
    }
}
