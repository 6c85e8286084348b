import Kernel
import Memes

/// `pictor search`
struct SearchCommand: Command {
    static let name = "search"
    static let summary = "Find memes by a few words, with scores and reasons"
    static let usage = "[OPTION]… TEXT…"
    static let options =
        commonOptions + [
            .option("--count", "N", "Print at most so many (5)."),
            .flag("--all", "Print also memes that fit badly."),
            .flag("--json", "Print the result as JSON."),
        ]
    static let examples = [
        #"pictor search "tired on monday" --data ./data"#, "pictor search cat color:red",
    ]
    static let details = """
        Filters are color:, emotion:, lib:, ratio:, tag:, text: and type:; a phrase in quotes must be there word by word, and
        - before a word, phrase or filter forbids it (put it all in quotes: 'cat -dog'). A score is the sum of what each way
        of finding adds. Exit code 1 when nothing fits.
        """

    private let arguments: Arguments
    private let count: Int

    init(_ arguments: Arguments) throws {
        guard !arguments.words.isEmpty else { throw UsageError(description: "say what to look for") }
        self.arguments = arguments
        count = try arguments.integer("--count", in: 1...100) ?? 5
    }

    func run() async throws -> Int32 {
        let opened = try await OpenStores(Settings(layers(arguments)), searches: true)
        try await opened.memes.readIndex()
        let text = arguments.words.joined(separator: " ")
        let found = try await opened.memes.search(
            MemeQuery(text, count: count, cutsOff: !arguments.has("--all"))
        )
        let details = try await opened.memes.details(of: found.hits)
        await opened.close()
        if arguments.has("--json") {
            Terminal.print(JSON(details.map(json)).prettyText)
        } else {
            for detail in details { print(detail) }
            if details.isEmpty { Terminal.printError("nothing fits; try other words, or --all") }
        }
        return details.isEmpty ? ExitCode.failure : ExitCode.success
    }

    private func print(_ detail: MemesModule.Detail) {
        let hit = detail.hit
        let source = detail.sources.first { $0.hasPrefix("file:") || $0.contains("://") }
        let place = source.map { String($0.trimmingPrefix("file:")) } ?? detail.meme.fileName
        Terminal.print("\(decimal(hit.score))  \(place)")
        let caption = detail.texts.joined(.caption)
        if !caption.isEmpty { Terminal.print("       \(caption.prefix(100))") }
        let reasons = hit.terms.map { "\($0.leg) \(decimal($0.contribution))" }.joined(separator: " + ")
        let words = hit.words.isEmpty ? "" : "; matched: \(hit.words.prefix(12).joined(separator: " "))"
        Terminal.print(Terminal.dim("       \(reasons)\(words)"))
    }

    private func json(_ detail: MemesModule.Detail) -> JSON {
        let hit = detail.hit
        return [
            "id": JSON(hit.id), "score": JSON(hit.score), "file_name": JSON(detail.meme.fileName),
            "sources": JSON(detail.sources), "ocr": JSON(detail.texts.joined(.caption)), "words": JSON(hit.words),
            "legs": JSON(hit.terms.map { ["leg": JSON($0.leg), "contribution": JSON($0.contribution)] as JSON }),
        ]
    }
}

/// With three decimals.
private func decimal(_ value: Double) -> String {
    let thousandths = Int((abs(value) * 1000).rounded())
    let digits = String(thousandths % 1000)
    let sign = value < 0 && thousandths > 0 ? "-" : ""
    return "\(sign)\(thousandths / 1000).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
}
