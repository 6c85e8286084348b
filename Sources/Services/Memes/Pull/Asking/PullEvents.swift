import HTTPServer
import Kernel

/// A pull's progress as server-sent events.
struct PullEvents: Sendable {
    let progress: PullProgressReader
    let time: any TimeSource
    private let wire = PullWire()

    init(progress: PullProgressReader, time: any TimeSource) {
        self.progress = progress
        self.time = time
    }

    /// At most two events a second.
    private static let interval = Duration.milliseconds(500)

    /// An event `progress` whenever something has changed, and `end` with the last one. Each tells everything, so a
    /// client that comes back with the id of the last one it saw has missed nothing when nothing has changed since.
    func stream(of id: ID<Pull>, after last: String?) -> Response {
        .events { events in
            var seen = last
            while true {
                let now = try await progress.progress(of: id)
                let json = wire.progress(now)
                let mark = Self.mark(json)
                if mark != seen || now.isFinal {
                    try await events.send(event: now.isFinal ? "end" : "progress", data: json.text, id: mark)
                    seen = mark
                }
                if now.isFinal { return }
                try await time.sleep(until: time.now + Self.interval)
            }
        }
    }

    /// Equal for equal progress, whatever the speed is.
    private static func mark(_ json: JSON) -> String {
        let facts = json.merging(["rate_per_s": nil, "eta_s": nil])
        return Array(Digest.sha256(facts.bytes).prefix(8)).hexadecimal
    }
}
