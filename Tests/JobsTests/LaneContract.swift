import Database
import Kernel
import TestSupport
import Testing

@testable import Jobs

/// What lanes promise whose number changes.
@Suite(.timeLimit(.minutes(5))) struct LaneContract {
    @Test(
        "however the number of lanes changes, every job is done once and never more run at once than there were lanes",
        arguments: DatabaseBackend.allCases,
        [1, 8],
    )
    func resized(backend: DatabaseBackend, batch: Int) async throws {
        let office = try await Office(backend)
        let (count, most, peak) = (200, 6, Peak())
        office.jobs.onErrand { _, _ in
            peak.enter()
            for _ in 0..<20 { await Task.yield() }
            peak.leave()
            return mark()
        }
        let lease = WorkerLease(office.jobs, of: [])
        try await lease.begin()
        let settings = QueueSettings(concurrency: 1, batch: batch)
        let lanes = QueueLanes("errands", kinds: [Errand.kind], settings: settings, jobs: office.jobs) { lease.id }
        office.jobs.wake.add(lease.id) { _, count in
            lanes.wake(count)
        } due: { _ in
        } deadline: { _ in
        }
        let running = Task { await lanes.run() }
        let resizing = Task {
            var chance = SplitMix(state: 7)
            while !Task.isCancelled {
                lanes.resize(to: Int.random(in: 1...most, using: &chance))
                for _ in 0..<50 { await Task.yield() }
            }
        }
        for _ in 0..<count { try await office.jobs.enqueue(Errand()) }
        while try await office.marks() < count { await Task.yield() }
        resizing.cancel()
        await resizing.value
        #expect(lanes.stop().isEmpty)
        await running.value
        office.jobs.wake.remove(lease.listener)
        await lease.end()
        #expect(try await office.marks() == count)
        #expect((1...most).contains(peak.most))
    }
}
