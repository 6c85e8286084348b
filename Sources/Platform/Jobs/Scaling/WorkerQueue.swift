import Database
import Kernel

/// A queue that a worker works off, as its row tells.
struct WorkerQueue: Equatable {
    let name: String
    /// 0 where the lanes are shared out.
    let fixedLanes: Int

    init(_ name: String, _ settings: QueueSettings) {
        self.name = name
        if case .fixed(let lanes) = settings.scaling { fixedLanes = lanes } else { fixedLanes = 0 }
    }

    init?(_ text: some StringProtocol) {
        guard let sign = text.lastIndex(of: "="), let lanes = Int(text[text.index(after: sign)...]) else { return nil }
        name = String(text[..<sign])
        fixedLanes = lanes
    }

    /// For the table; no name contains a comma.
    static func text(_ queues: [WorkerQueue]) -> String {
        queues.map { "\($0.name)=\($0.fixedLanes)" }.joined(separator: ",")
    }
}

/// A live worker of a queue.
struct QueueWorker: Equatable {
    let id: ID<JobWorker>
    let fixedLanes: Int
    /// Bytes that its process may still take, as it said with its last heartbeat; `nil` where it does not know.
    let memoryRoom: Int64?
}

/// Reads the rows of ``ScalingStore/workers``.
///
/// - Returns: By queue.
func queueWorkers(_ rows: [Row]) throws(DatabaseError) -> [String: [QueueWorker]] {
    var workers: [String: [QueueWorker]] = [:]
    for row in rows {
        let (id, queues): (ID<JobWorker>, String) = (try row.get("id"), try row.get("queues"))
        let room: Int64? = try row.get("memory_room")
        for queue in queues.split(separator: ",").compactMap({ WorkerQueue($0) }) {
            let worker = QueueWorker(id: id, fixedLanes: queue.fixedLanes, memoryRoom: room)
            workers[queue.name, default: []].append(worker)
        }
    }
    return workers
}
