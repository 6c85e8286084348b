import Kernel
import Synchronization
import Telemetry

/// Refuses new pictures while the disk is nearly full, before writes begin to fail.
final class LowDiskWatermark: Sendable {
    /// Less is free than must stay.
    struct DiskLow: Failure {
        var status: Int { 507 }
        var code: String { "disk_low" }
        var message: String { "The server has no room for another picture. Its operator must free space." }
    }

    private let folder: String
    private let minimumFree: Int64
    private let time: any TimeSource
    private let latest = Mutex<(at: Timestamp, free: Int64)>((Timestamp(milliseconds: 0), .max))

    /// `folder`: A folder on the disk that counts.
    /// `minimumFree`: Bytes that must stay free; 0 turns the check off.
    init(folder: String, minimumFree: Int64, time: any TimeSource) {
        self.folder = folder
        self.minimumFree = minimumFree
        self.time = time
    }

    /// - Throws: ``DiskLow``. The disk is asked at most once a second.
    func requireRoom() throws {
        let now = time.now
        let free = latest.withLock { latest in
            if now.milliseconds - latest.at.milliseconds >= 1000 {
                latest = (now, MachineStatistics.diskSpace(path: folder).free)
            }
            return latest.free
        }
        guard free >= minimumFree else { throw DiskLow() }
    }
}
