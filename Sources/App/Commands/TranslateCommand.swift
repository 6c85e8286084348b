import Kernel
import Translation

/// `pictor translate`
struct TranslateCommand: Command {
    static let name = "translate"
    static let summary = "Put the words on pictures into another language"
    static let usage = "--to LANGUAGE [OPTION]… PATH…"
    static let options =
        commonOptions + [
            .option("--to", "LANGUAGE", "Such as Spanish or es."),
            .option("--from", "LANGUAGE", "The language on the pictures; else it is found out."),
            .option(
                "-o",
                "PATH",
                "Where it goes: a file for one picture, else a folder, or an archive as NAME.zip or .cbz.",
            ),
            .option("--clean", "FILE", "Where the picture without its words goes; else nowhere."),
            .option("--provider", "NAME", "embedded (this machine alone), model, image, or several with commas."),
            .option("--keep", "TERM", "A term that stays as it is.", repeatable: true),
            .flag("--strict", "Fail rather than write a picture that fails a check."),
            .flag("--json", "Print what was read and translated as JSON."),
        ]
    static let examples = [
        "pictor translate sign.png --to Spanish -o letrero.png",
        "pictor translate page.jpg --to es --provider embedded --json",
        "pictor translate comic.cbz --to Spanish -o comico.cbz",
        "pictor translate ./signs menu.pdf --to es -o ./letreros",
    ]
    static let details = """
        Takes pictures (JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC, AVIF), folders of them, ZIP and CBZ archives and PDF
        documents. Without -o the result stands beside what was named, with the language in its name. Needs no server and,
        with the embedded provider, no network. Of one picture each text is printed with its translation. Pictures become
        PNG, and outside of the texts no pixel is changed. Exit code 1 when nothing was read, something failed, or nobody
        translates that pair.
        """

    private let arguments: Arguments
    private let target: String

    init(_ arguments: Arguments) throws {
        self.arguments = arguments
        guard !arguments.words.isEmpty else { throw UsageError(description: "name a picture, folder, archive or PDF") }
        guard let target = arguments.value("--to") else {
            throw UsageError(description: "say the language: --to LANGUAGE")
        }
        self.target = target
    }

    func run() async throws -> Int32 {
        let settings = try Settings(layers(arguments))
        let opened = try await OpenStores(settings)
        let reports: [TranslationReport]
        do {
            let module = try translationModule(settings, opened.surroundings(settings))
            try module.checkReach(from: arguments.value("--from"), to: target, arguments.value("--provider"))
            reports = try await translate(
                try await TranslationInput(arguments.words, module),
                module,
                settings.workers,
            )
        } catch {
            await opened.close()
            throw error
        }
        await opened.close()
        let isComplete = reports.allSatisfy { $0.problem == nil } && reports.contains { !$0.blocks.isEmpty }
        return isComplete ? ExitCode.success : ExitCode.failure
    }

    private func translate(
        _ input: TranslationInput,
        _ module: TranslationModule,
        _ width: Int,
    ) async throws -> [TranslationReport] {
        let output = try TranslationOutput(arguments.value("-o"), input, suffix: suffix)
        let clean = arguments.value("--clean")
        guard clean == nil || input.isOnePicture else { throw UsageError(description: "--clean takes one picture") }
        var bar = input.isOnePicture ? nil : ProgressBar(total: input.pictures.count, unit: "pictures")
        bar?.show(0, "")
        var reports: [TranslationReport?] = Array(repeating: nil, count: input.pictures.count)
        var count = 0
        try await withThrowingTaskGroup(of: Done.self) { group in
            func take(_ done: Done) throws {
                let picture = input.pictures[done.index]
                if input.isOnePicture, case .failure(let error) = done.result { throw error }
                var report = TranslationReport(picture.name, done.result)
                if case .success(let translated) = done.result {
                    report.output = try output.put(translated.drawing.picture, of: picture)
                    if let clean { try TranslationOutput.write(translated.drawing.clean, to: clean) }
                }
                reports[done.index] = report
                count += 1
                bar?.show(count, picture.name)
            }
            for (index, picture) in input.pictures.enumerated() {
                if index >= width, let done = try await group.next() { try take(done) }
                group.addTask { Done(index: index, result: await attempt { try await translate(picture, module) }) }
            }
            for try await done in group { try take(done) }
        }
        bar?.finish()
        try output.finish()
        let shown = reports.compactMap { $0 }
        TranslationReport.show(shown, of: input, in: output, asJSON: arguments.has("--json"))
        return shown
    }

    private struct Done: Sendable {
        let index: Int
        let result: Result<TranslationModule.Translated, any Error>
    }

    private func translate(
        _ picture: TranslationInput.Picture,
        _ module: TranslationModule,
    ) async throws -> TranslationModule.Translated {
        var options = TranslationOptions()
        options.isStrict = arguments.has("--strict")
        options.glossary = arguments.values("--keep").map { ($0, $0) }
        return try await module.translate(
            try await picture.read(),
            from: arguments.value("--from"),
            to: target,
            provider: arguments.value("--provider"),
            options: options,
        )
    }

    /// Of names of results: the language, in letters that fit into names of files.
    private var suffix: String {
        target.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")
    }
}

/// What came of some work, as a value.
private func attempt<Value>(_ work: () async throws -> Value) async -> Result<Value, any Error> {
    do { return .success(try await work()) } catch { return .failure(error) }
}
