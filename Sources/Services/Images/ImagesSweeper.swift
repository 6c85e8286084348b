import Database
import Kernel
import ObjectStore
import Telemetry

/// Clears what no one needs any more, once an hour: files as sent whose work is done, files of deleted pictures, old
/// rate windows, old idempotency keys.
struct ImagesSweeper: Service {
    let files: ImageObjects
    let log: Log
    let objects: any ObjectStore
    let quota: UploadQuota
    /// How long a file as sent stays that no picture knows.
    let stagingAge: Duration
    let store: ImageStore
    let time: any TimeSource

    var name: String { "images sweeper" }

    func run() async throws {
        while !Task.isCancelled {
            do {
                try await sweep()
            } catch {
                log.warning("sweep failed", ["error": "\(error)"])
            }
            do { try await time.sleep(until: time.now + .seconds(3600)) } catch { return }
        }
    }

    /// One pass. A file as sent stays while its picture is in work, 7 days after its job failed, and ``stagingAge`` when
    /// no picture knows it (a crash between file and row leaves such a one).
    func sweep() async throws {
        let now = time.now
        try await quota.sweep(at: now, in: store.database)
        try await store.database.execute(
            "DELETE FROM image_idempotency WHERE created_at < \(now - .seconds(86_400))"
        )
        try await files.removeLeftovers()
        var last: ObjectKey?
        var removed = 0
        repeat {
            let page = try await objects.list(prefix: StagedSource.prefix, after: last, limit: 500)
            for object in page.objects where try await isStale(object, now) {
                if try await objects.delete(object.key) { removed += 1 }
            }
            last = page.next
        } while last != nil
        log.info("images swept", ["files.count": "\(removed)"])
    }

    private func isStale(_ object: ObjectInfo, _ now: Timestamp) async throws -> Bool {
        guard let name = object.key.description.split(separator: "/").last,
            let id = ID<ImageRecord>(String(name)), let image = try await store.find(id)
        else { return object.modified < now - stagingAge }
        switch image.status {
        case .completed: return true
        case .failed: return (image.completedAt ?? image.createdAt) < now - .seconds(7 * 86_400)
        case .pending, .processing, .retrying: return false
        }
    }
}
