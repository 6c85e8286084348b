import Kernel
import Memes

/// Whether the word names a bucket or a folder of the server's settings, and no file.
func isSource(_ word: String) -> Bool { ["s3://", "oss://", "local://"].contains { word.hasPrefix($0) } }

extension IngestCommand {
    /// Pulls the sources, one after the other, and waits until their memes are read.
    func pull() async throws -> Int32 {
        guard arguments.words.allSatisfy(isSource) else {
            throw UsageError(description: "name files and folders, or sources such as s3://bucket/folder, not both")
        }
        let settings = try Settings(layers(arguments))
        let opened = try await OpenStores(settings, reads: true)
        let crew = opened.crew(settings)
        var reports: [(source: String, report: MemesModule.PullReport)] = []
        for source in arguments.words {
            let id = try await opened.memes.beginPull(source, library: arguments.value("--library"))
            reports.append((source, try await follow(id, in: opened)))
        }
        await crew?.end()
        await opened.close()
        for (source, report) in reports { tell(source, report) }
        return reports.allSatisfy { $0.report.isSuccess } ? ExitCode.success : ExitCode.failure
    }

    private func follow(_ id: ID<MemesModule.PullReport>, in opened: OpenStores) async throws -> MemesModule.PullReport
    {
        var bar = ProgressBar(total: 0, unit: "objects")
        defer { bar.finish() }
        while true {
            let report = try await opened.memes.pullReport(id)
            bar.total = report.listed
            bar.show(report.listed - report.waiting, "")
            if report.isFinal || arguments.has("--no-wait") { return report }
            try await opened.time.sleep(until: opened.time.now + .milliseconds(500))
        }
    }

    private func tell(_ source: String, _ report: MemesModule.PullReport) {
        if arguments.has("--json") { return Terminal.print(report.json.prettyText) }
        for trouble in report.troubles { Terminal.printError("\(Terminal.red("✗")) \(source): \(trouble)") }
        Terminal.print(
            "\(source) is \(report.state): \(report.new) new memes, \(report.known) were there already, "
                + "\(report.skipped) skipped, \(report.failed) failed."
        )
    }
}
