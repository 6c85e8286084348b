import Database
import Kernel
import Telemetry

/// Counts the memes once a minute, when they have changed, for whoever watches over the library.
struct MemeCensus: Service {
    let memes: MemeStore
    let log: Log
    let time: any TimeSource
    private let stored: Gauge
    private let wordless: Gauge

    private static let interval = Duration.seconds(60)

    init(memes: MemeStore, log: Log, metrics: Metrics, time: any TimeSource) {
        self.memes = memes
        self.log = log
        self.time = time
        stored = metrics.gauge("memes_stored", "Memes by status.", labels: ["status"])
        wordless = metrics.gauge("memes_without_words", "Memes that were read and that only their file's name finds.")
    }

    var name: String { "meme census" }

    func run() async throws {
        var counted: Int64 = -1
        while true {
            do {
                let change = try await MemeCounter.current(in: memes.database)
                if change != counted { try await count() }
                counted = change
            } catch {
                log.warning("the memes were not counted", ["error": "\(error)"])
            }
            try await time.sleep(until: time.now + Self.interval)
        }
    }

    private func count() async throws {
        let counts = try await memes.counts()
        for status in Meme.Status.allCases { stored.set(Double(counts[status] ?? 0), status.rawValue) }
        wordless.set(Double(try await memes.countWordless()))
    }
}
