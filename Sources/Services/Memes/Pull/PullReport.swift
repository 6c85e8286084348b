import Kernel

extension MemesModule {
    /// How far a pull is, for commands.
    package struct PullReport: Sendable {
        let progress: PullProgress

        /// Such as `running` or `done`.
        package var state: String { progress.state }
        /// Objects found so far.
        package var listed: Int { progress.pull.listed }
        /// Objects that are still to be fetched.
        package var waiting: Int { count(.listed) }
        /// Objects that became memes.
        package var new: Int { count(.done) }
        /// Objects whose bytes were memes already, or that have not changed since they became ones.
        package var known: Int { count(.duplicate) + unchanged }
        /// Objects that are no pictures or too large.
        package var skipped: Int { count(.skipped) - unchanged }
        /// Objects that were given up.
        package var failed: Int { count(.failed) + count(.dead) }
        /// Whether nothing will change by itself.
        package var isFinal: Bool { progress.isFinal }
        /// Whether nothing was given up, neither the listing nor an object.
        package var isSuccess: Bool { failed == 0 && progress.pull.error == nil }
        /// What `GET /pull/{id}` answers.
        package var json: JSON { PullWire().progress(progress) }

        /// Sentences for whoever waits.
        package var troubles: [String] {
            let listing = progress.pull.error.map { [$0.message] } ?? []
            return listing
                + progress.troubles.map { trouble in
                    let others = trouble.count > 1 ? " and \(trouble.count - 1) others" : ""
                    return "\(trouble.sampleKey)\(others): \(trouble.message)"
                }
        }

        private var unchanged: Int { progress.skipped[PullItem.SkipReason.unchanged.rawValue] ?? 0 }

        private func count(_ state: PullItem.State) -> Int { progress.counts[state] ?? 0 }
    }

    /// Begins to pull a source, such as `s3://bucket/folder`, with the keys of the settings; or joins the pull that does
    /// the same already.
    ///
    /// - Throws: A ``Kernel/Failure`` when it is no source, may not be read or cannot be.
    package func beginPull(_ source: String, library: String?) async throws -> ID<PullReport> {
        var request = PullService.Request(address: try PullAddress(source), owner: "command")
        request.options.library = library
        _ = try await pullService.estimate(request)
        do {
            return ID(same: try await pullService.begin(request).id)
        } catch PullError.alreadyRunning(let id) {
            return ID(same: id)
        }
    }

    /// How far a pull is.
    ///
    /// - Throws: A 404 when there is no such pull.
    package func pullReport(_ id: ID<PullReport>) async throws -> PullReport {
        PullReport(progress: try await pullProgress.progress(of: ID(same: id)))
    }
}
