import FoundationEssentials
import Telemetry
import TestSupport
import Testing

/// What the kernel's files say of memory, on files of the test's own.
@Suite struct MemoryRoomTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func write(_ files: [String: String]) throws {
        for (path, text) in files {
            let file = URL(filePath: "\(folder.path)/\(path)")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true,
            )
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
    }

    private var room: Int64? { MemoryRoom.read(root: folder.path) }

    private static let machine = [
        "proc/meminfo": "MemTotal:        1000 kB\nMemFree:          300 kB\nMemAvailable:     600 kB\n"
    ]

    @Test("where nothing tells, nobody knows")
    func nothing() throws {
        #expect(room == nil)
        try write(["proc/meminfo": "MemTotal: 1000 kB\n", "proc/self/cgroup": "0::/\n"])
        #expect(room == nil)
    }

    @Test("of the machine, what is available without a tenth of all")
    func machine() throws {
        try write(Self.machine)
        #expect(room == Int64(500 * 1024))
        try write(["proc/meminfo": "MemTotal: 99999999 kB\nMemAvailable: 99999999 kB\n"])
        #expect(room == Int64(99_999_999 * 1024 - 1 << 30), "a large machine keeps 1 GiB")
    }

    @Test("groups of the first version say nothing")
    func firstVersion() throws {
        try write(Self.machine)
        try write(["proc/self/cgroup": "4:memory:/a\n0::/\n", "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "1000\n"])
        #expect(room == Int64(500 * 1024))
    }

    @Test("the group's limit counts, and files that nobody reads do not")
    func group() throws {
        try write(Self.machine)
        try write([
            "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "400000\n",
            "sys/fs/cgroup/memory.current": "300000\n", "sys/fs/cgroup/memory.high": "max\n",
            "sys/fs/cgroup/memory.stat": "anon 250000\ninactive_file 50000\nactive_file 10\n",
        ])
        #expect(room == Int64(400_000 - 250_000 - 40_000))
        try write(["sys/fs/cgroup/memory.high": "200000\n"])
        #expect(room == Int64(200_000 - 250_000 - 20_000), "at `high` the kernel slows the process down")
    }

    @Test("of a group in a group the narrower one counts")
    func nested() throws {
        try write(Self.machine)
        try write([
            "proc/self/cgroup": "12:cpu:/x\n0::/outer.slice/inner.service\n",
            "sys/fs/cgroup/outer.slice/memory.max": "100000\n", "sys/fs/cgroup/outer.slice/memory.current": "70000\n",
            "sys/fs/cgroup/outer.slice/inner.service/memory.max": "max\n",
            "sys/fs/cgroup/outer.slice/inner.service/memory.current": "60000\n",
        ])
        #expect(room == 20_000)
        try write(["sys/fs/cgroup/outer.slice/inner.service/memory.max": "61000\n"])
        #expect(room == Int64(61_000 - 60_000 - 6_100))
    }

    @Test("this process has a figure")
    func here() throws {
        let room = try #require(MemoryRoom.read())
        #expect(room < MachineStatistics.read(path: "/").memoryTotal)
    }
}
