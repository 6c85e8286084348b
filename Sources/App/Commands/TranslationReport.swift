import Kernel
import Translation

/// What is said of a picture when `pictor translate` is done with it.
struct TranslationReport {
    let name: String
    /// Where it went.
    var output: String?
    private(set) var blocks: [TranslatedBlock] = []
    private(set) var problem: String?
    private var flags: [String] = []
    private var source: String?
    private var provider: String?
    private var model: String?
    private var quality: JSON?

    init(_ name: String, _ result: Result<TranslationModule.Translated, any Error>) {
        self.name = name
        switch result {
        case .success(let translated):
            blocks = translated.blocks
            flags = translated.flags
            (source, provider, model) = (translated.source, translated.provider, translated.model)
            quality = translated.quality.json
        case .failure(let error):
            problem = (error as? any Failure)?.message ?? (error as? CommandFailure)?.description ?? "\(error)"
        }
    }

    /// Prints everything: of one picture each text, of several only what went wrong.
    static func show(
        _ reports: [TranslationReport],
        of input: TranslationInput,
        in output: TranslationOutput,
        asJSON: Bool,
    ) {
        if asJSON { return Terminal.print(json(reports, of: input, in: output).prettyText) }
        if input.isOnePicture, let report = reports.first { return report.showTexts() }
        for skipped in input.skipped { Terminal.printError("\(skipped.name) is left out. \(skipped.reason)") }
        for report in reports {
            if let problem = report.problem { Terminal.printError("\(Terminal.red("✗")) \(report.name): \(problem)") }
        }
        let done = reports.filter { $0.problem == nil }
        let counts = [
            "\(done.count) translated", "\(done.count { $0.blocks.isEmpty }) of them without text",
            "\(reports.count - done.count) failed",
        ]
        Terminal.print("\(output.path.map { "\($0): " } ?? "")\(counts.joined(separator: ", "))")
    }

    private static func json(
        _ reports: [TranslationReport],
        of input: TranslationInput,
        in output: TranslationOutput,
    ) -> JSON {
        if input.isOnePicture, let report = reports.first { return .object(report.members) }
        return [
            "output": JSON(output.path),
            "pictures": JSON(
                reports.map {
                    .object([(key: "name", value: JSON($0.name)), ("error", JSON($0.problem))] + $0.members)
                }
            ),
            "skipped": JSON(input.skipped.map { ["name": JSON($0.name), "reason": JSON($0.reason)] as JSON }),
        ]
    }

    private func showTexts() {
        for block in blocks {
            Terminal.print("\(line(block.text))\n  → \(line(block.shown))\(note(block.flags))")
        }
        if blocks.isEmpty { Terminal.printError("no text was found on the picture") }
        let how = [provider, model].compactMap { $0 }.joined(separator: ", ")
        Terminal.print(Terminal.dim("\(output ?? name) (\(how))\(note(flags))"))
    }

    private func line(_ text: String) -> String { text.split(whereSeparator: \.isNewline).joined(separator: " / ") }

    private func note(_ flags: [String]) -> String { flags.isEmpty ? "" : "  [\(flags.joined(separator: ", "))]" }

    private var members: [(key: String, value: JSON)] {
        [
            ("output", JSON(output)), ("source_language", JSON(source)), ("provider", JSON(provider)),
            ("model", JSON(model)), ("flags", JSON(flags)), ("quality", quality ?? .null),
            (
                "blocks",
                JSON(
                    blocks.map { block in
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
            ),
        ]
    }
}
