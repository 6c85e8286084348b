import FoundationEssentials
import Glibc
import Synchronization

/// Ticks of all cores as last read, and what they said.
private let lastReading = Mutex<(idle: Double, total: Double, percent: Double)>((0, 0, 0))

/// What the machine and this process use right now. Source: proc(5), statvfs(3).
package struct MachineStatistics: Sendable {
    package let cores: Int
    /// Busy share of all cores since the reading before (at first: since the machine started), in percent.
    package let cpuPercent: Double
    /// Bytes.
    package let memoryTotal: Int64
    package let memoryAvailable: Int64
    package let diskTotal: Int64
    /// Bytes that an ordinary user may still write.
    package let diskFree: Int64
    package let processResident: Int64
    package let processVirtual: Int64
    package let processThreads: Int
    package let processOpenFiles: Int

    /// Reads everything now; the disk is the one that holds `path`.
    package static func read(path: String) -> MachineStatistics {
        let memory = fields(of: "/proc/meminfo")
        let process = fields(of: "/proc/self/status")
        let disk = diskSpace(path: path)
        return MachineStatistics(
            cores: Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))),
            cpuPercent: busyPercent(),
            memoryTotal: (memory["MemTotal"] ?? 0) * 1024,
            memoryAvailable: (memory["MemAvailable"] ?? 0) * 1024,
            diskTotal: disk.total,
            diskFree: disk.free,
            processResident: (process["VmRSS"] ?? 0) * 1024,
            processVirtual: (process["VmSize"] ?? 0) * 1024,
            processThreads: Int(process["Threads"] ?? 0),
            processOpenFiles: (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0,
        )
    }

    /// Bytes of the file system that holds `path`; zeroes when it cannot be asked.
    package static func diskSpace(path: String) -> (total: Int64, free: Int64) {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return (0, 0) }
        let block = Int64(status.f_frsize)
        return (Int64(status.f_blocks) * block, Int64(status.f_bavail) * block)
    }

    private static func fields(of path: String) -> [String: Int64] {
        var values: [String: Int64] = [:]
        for line in text(path).split(separator: "\n") {
            let parts = line.split(whereSeparator: { $0 == ":" || $0 == " " || $0 == "\t" })
            if parts.count >= 2 { values[String(parts[0])] = Int64(parts[1]) }
        }
        return values
    }

    private static func busyPercent() -> Double {
        let line = text("/proc/stat").split(separator: "\n").first ?? ""
        let ticks = line.split(separator: " ").dropFirst().compactMap { Double($0) }
        guard ticks.count >= 5 else { return 0 }
        return lastReading.withLock { last in
            let (idle, total) = (ticks[3] + ticks[4], ticks.reduce(0, +))
            // A quarter of a second of two cores: less says nothing, and the answer before still holds.
            guard total - last.total >= 50 else { return last.percent }
            let percent = 100 * (1 - (idle - last.idle) / (total - last.total))
            last = (idle, total, min(100, max(0, percent)))
            return last.percent
        }
    }

    private static func text(_ path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}
