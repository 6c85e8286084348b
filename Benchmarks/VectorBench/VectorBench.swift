import Glibc
import Kernel
import VectorIndex

/// The vector index under measurement, for `script/bench vectors`.
///
/// `VectorBench DIMENSIONS EXACT_ROWS [SHARE]`: reads commands, one on a line, and answers each with one line of JSON:
///
/// - `load FILE`: rows of 32-bit floats, numbered from 0.
/// - `lists`: waits until the index has sorted its rows into lists.
/// - `search FILE COUNT MODULUS`: one search after another; with a MODULUS only numbers that leave 3 by it may be found.
/// - `churn FILE SECONDS`: searches while two tasks replace rows as fast as they can.
/// - `memory`: reads memory once from beginning to end, the limit of every scan.
@main
struct VectorBench {
    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count >= 3, let dimensions = Int(words[1]), let exactRows = Int(words[2]) else {
            print("usage: VectorBench DIMENSIONS EXACT_ROWS [SHARE]")
            exit(64)
        }
        var settings = VectorIndex.Settings()
        settings.exactRows = exactRows
        if words.count > 3, let share = Double(words[3]) { settings.probedShare = share }
        let pool = WorkPool(name: "vectors", width: 2, limit: 1000)
        let index = VectorIndex(dimensions: dimensions, pool: pool, settings: settings)
        let service = Task { try await index.run() }
        while let line = readLine() {
            let command = line.split(separator: " ").map(String.init)
            switch command.first {
            case "load": print(try load(command[1], into: index))
            case "lists": print(try await waitForLists(of: index))
            case "search": print(try await Searches(index, file: command[1]).run(command[2], command[3]))
            case "churn": print(try await Churn(index, file: command[1]).run(seconds: Int(command[2]) ?? 1))
            case "memory": print(memoryRate())
            default: exit(64)
            }
            fflush(nil)
        }
        service.cancel()
        try await service.value
    }

    private static func load(_ path: String, into index: VectorIndex) throws -> String {
        let start = Moment()
        let first = UInt32(index.statistics.numbers)
        var number = first
        for rows in Rows(path: path, width: index.dimensions) {
            let count = UInt32(rows.count / index.dimensions)
            try index.load(numbers: Array(number..<number + count), vectors: rows)
            number += count
        }
        let time = start.elapsed()
        let bytes = index.statistics.bytes
        return """
            {"rows":\(number - first),"wall_s":\(time.wall),"cpu_s":\(time.cpu),"row_bytes":\(bytes),\
            "rss_kib":\(residentKiB())}
            """
    }

    private static func waitForLists(of index: VectorIndex) async throws -> String {
        let start = Moment()
        while index.statistics.lists == 0 { try await Task.sleep(for: .milliseconds(5)) }
        let (time, now) = (start.elapsed(), index.statistics)
        return """
            {"lists":\(now.lists),"wall_s":\(time.wall),"cpu_s":\(time.cpu),"row_bytes":\(now.bytes),\
            "rss_kib":\(residentKiB())}
            """
    }

    /// Bytes a second that one thread reads from memory.
    private static func memoryRate() -> String {
        let words = [SIMD8<UInt64>](repeating: .one, count: 12_000_000)
        var sum = SIMD8<UInt64>.zero
        let start = Moment()
        for word in words { sum |= word }
        let time = start.elapsed()
        return "{\"bytes_per_s\":\(Double(words.count * 64) / time.cpu),\"check\":\(sum[0])}"
    }
}

/// Wall and processor time since it was made.
struct Moment {
    private let wall = seconds(CLOCK_MONOTONIC)
    private let cpu = seconds(CLOCK_PROCESS_CPUTIME_ID)

    func elapsed() -> (wall: Double, cpu: Double) {
        (seconds(CLOCK_MONOTONIC) - wall, seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu)
    }
}

private func seconds(_ clock: clockid_t) -> Double {
    var now = timespec()
    clock_gettime(clock, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}

private func residentKiB() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return (Int(text.split(separator: " ")[1]) ?? 0) * 4
}
