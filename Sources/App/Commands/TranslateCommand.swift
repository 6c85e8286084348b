import FoundationEssentials
import Kernel
import Translation

/// `pictor translate`
struct TranslateCommand: Command {
    static let name = "translate"
    static let summary = "Put the words on a picture into another language"
    static let usage = "--to LANGUAGE [OPTION]… FILE"
    static let options =
        commonOptions + [
            .option("--to", "LANGUAGE", "Such as Spanish or es."),
            .option("--from", "LANGUAGE", "The language on the picture; else it is found out."),
            .option("-o", "FILE", "Where the picture goes; else beside the file, with the language in its name."),
            .option("--clean", "FILE", "Where the picture without its words goes; else nowhere."),
            .option("--provider", "NAME", "embedded (this machine alone), model, image, or several with commas."),
            .option("--keep", "TERM", "A term that stays as it is.", repeatable: true),
            .flag("--strict", "Fail rather than write a picture that fails a check."),
            .flag("--json", "Print what was read and translated as JSON."),
        ]
    static let examples = [
        "pictor translate sign.png --to Spanish -o letrero.png",
        "pictor translate page.jpg --to es --provider embedded --json",
    ]
    static let details = """
        Needs no server and, with the embedded provider, no network. Prints each text with its translation; the picture is
        PNG, and outside of the texts no pixel is changed. Exit code 1 when nothing was read or nobody translates that pair.
        """

    private let arguments: Arguments
    private let file: String
    private let target: String

    init(_ arguments: Arguments) throws {
        self.arguments = arguments
        file = try arguments.onlyWord("picture")
        guard let target = arguments.value("--to") else {
            throw UsageError(description: "say the language: --to LANGUAGE")
        }
        self.target = target
    }

    func run() async throws -> Int32 {
        let settings = try Settings(layers(arguments))
        guard let picture = try? Data(contentsOf: URL(filePath: file)) else {
            throw CommandFailure("\(file) cannot be read")
        }
        let opened = try await OpenStores(settings)
        var options = TranslationOptions()
        options.isStrict = arguments.has("--strict")
        options.glossary = arguments.values("--keep").map { ($0, $0) }
        let result: TranslationModule.Translated
        do {
            result = try await translationModule(settings, opened.surroundings(settings)).translate(
                Array(picture),
                from: arguments.value("--from"),
                to: target,
                provider: arguments.value("--provider"),
                options: options,
            )
        } catch {
            await opened.close()
            throw error
        }
        await opened.close()
        let output = arguments.value("-o") ?? standardOutput
        try write(result.drawing.picture, to: output)
        if let clean = arguments.value("--clean") { try write(result.drawing.clean, to: clean) }
        show(result, output)
        return result.blocks.isEmpty ? ExitCode.failure : ExitCode.success
    }

    /// `sign.png` in Spanish becomes `sign.spanish.png`.
    private var standardOutput: String {
        let url = URL(filePath: file)
        let words = target.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")
        return url.deletingPathExtension().path + ".\(words).png"
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        do { try Data(bytes).write(to: URL(filePath: path), options: .atomic) } catch {
            throw CommandFailure("\(path) cannot be written")
        }
    }

    private func show(_ result: TranslationModule.Translated, _ output: String) {
        if arguments.has("--json") { return Terminal.print(json(result, output).prettyText) }
        for block in result.blocks {
            Terminal.print("\(line(block.text))\n  → \(line(block.shown))\(note(block.flags))")
        }
        if result.blocks.isEmpty { Terminal.printError("no text was found on the picture") }
        let how = result.model.map { "\(result.provider), \($0)" } ?? result.provider
        Terminal.print(Terminal.dim("\(output) (\(how))\(note(result.flags))"))
    }

    private func line(_ text: String) -> String { text.split(whereSeparator: \.isNewline).joined(separator: " / ") }

    private func note(_ flags: [String]) -> String { flags.isEmpty ? "" : "  [\(flags.joined(separator: ", "))]" }

    private func json(_ result: TranslationModule.Translated, _ output: String) -> JSON {
        [
            "output": JSON(output), "source_language": JSON(result.source), "provider": JSON(result.provider),
            "model": JSON(result.model), "flags": JSON(result.flags), "quality": result.quality.json,
            "blocks": JSON(
                result.blocks.map { block in
                    [
                        "source_text": JSON(block.text), "translation": JSON(block.shown),
                        "confidence": JSON(block.confidence), "flags": JSON(block.flags),
                        "box": [
                            "x": JSON(block.box.x), "y": JSON(block.box.y), "width": JSON(block.box.width),
                            "height": JSON(block.box.height),
                        ],
                    ] as JSON
                }
            ),
        ]
    }
}
