import FoundationEssentials

/// How much memory this process may still take. Sources: the kernel's admin-guide/cgroup-v2, proc(5).
package enum MemoryRoom {
    /// The least that the limits of this process's control groups (version 2) and the machine leave, without a reserve of
    /// a tenth of each, at most 1 GiB.
    ///
    /// - Parameter root: Where `proc` and `sys` are.
    /// - Returns: Bytes, negative when the reserve is touched; `nil` where nothing tells.
    package static func read(root: String = "") -> Int64? {
        ([machine(root)] + groups(root).map(room)).compactMap { $0 }.min()
    }

    private static func withoutReserve(_ free: Int64, of limit: Int64) -> Int64 { free - min(limit / 10, 1 << 30) }

    private static func machine(_ root: String) -> Int64? {
        let memory = fields(text("\(root)/proc/meminfo"))
        guard let available = memory["MemAvailable"], let total = memory["MemTotal"] else { return nil }
        return withoutReserve(available * 1024, of: total * 1024)
    }

    /// The folders of this process's group and of those that it is part of: each may have a limit.
    private static func groups(_ root: String) -> [String] {
        let lines = text("\(root)/proc/self/cgroup").split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("0::/") }) else { return [] }
        var folders = ["\(root)/sys/fs/cgroup"]
        for part in line.dropFirst(4).split(separator: "/") { folders.append("\(folders[folders.count - 1])/\(part)") }
        return folders
    }

    /// `nil` for a group without a limit.
    private static func room(_ folder: String) -> Int64? {
        let limits = ["max", "high"].compactMap { number(text("\(folder)/memory.\($0)")) }
        guard let limit = limits.min(), let used = number(text("\(folder)/memory.current")) else { return nil }
        // Files in memory that nobody has read lately go before anything has to wait.
        let files = fields(text("\(folder)/memory.stat"))["inactive_file"] ?? 0
        return withoutReserve(limit - max(0, used - files), of: limit)
    }

    /// `nil` for `max` too, which is no limit.
    private static func number(_ text: String) -> Int64? { Int64(text.prefix { !$0.isWhitespace }) }

    private static func fields(_ text: String) -> [String: Int64] {
        var values: [String: Int64] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(whereSeparator: { $0 == ":" || $0 == " " || $0 == "\t" })
            if parts.count >= 2 { values[String(parts[0])] = Int64(parts[1]) }
        }
        return values
    }

    private static func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}
