import Jobs
import Kernel
import Memes

extension OpenStores {
    /// Shows how far the reading of memes is until all of them can be found; `crew` is what reads in this process.
    func waitUntilRead(_ ids: [ID<Meme>], _ crew: WorkingCrew?) async throws {
        let all = Array(Set(ids))
        var bar = ProgressBar(total: all.count, unit: "read")
        while true {
            let left = try await memes.countUnfinished(of: all)
            bar.show(all.count - left, crew == nil ? "the server reads them" : "")
            let waiting = crew == nil ? 0 : try await jobs.depth(queue: MemesModule.embedQueue)
            if left == 0, waiting == 0 { break }
            try await time.sleep(until: time.now + .milliseconds(200))
        }
        bar.finish()
    }
}
