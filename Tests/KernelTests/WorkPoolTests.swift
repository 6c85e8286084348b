import Glibc
import Kernel
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct WorkPoolTests {
    @Test("as many pieces run at once as the pool is wide, and never more")
    func width() async throws {
        let pool = WorkPool(name: "test", width: 3, limit: 100)
        let meeting = Barrier(3)
        let running = Peak()
        try await withThrowingTaskGroup { group in
            for _ in 0..<12 {
                group.addTask {
                    try await pool.run {
                        running.enter()
                        meeting.meet()
                        running.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(running.most == 3)
        #expect(pool.load == (0, 0) || pool.load.waiting == 0)
    }

    @Test("a full line refuses at once with 503 and when to come again")
    func full() async throws {
        let pool = WorkPool(name: "test", width: 1, limit: 2)
        let (begun, hold) = (Gate(), Semaphore())
        let first = Task {
            try await pool.run {
                begun.open(); hold.wait()
            }
        }
        await begun.pass()
        let waiting = (0..<2).map { number in Task { try await pool.run { number } } }
        while pool.load.waiting < 2 { await Task.yield() }
        let refusal = await #expect(throws: WorkPool.Full.self) { try await pool.run {} }
        #expect(refusal?.status == 503)
        #expect(refusal?.retryAfter == .seconds(1))
        #expect(pool.load == (2, 1))
        hold.signal()
        try await first.value
        #expect(try await [waiting[0].value, waiting[1].value] == [0, 1])
        #expect(try await pool.run { 7 } == 7)
    }

    @Test("work whose task was cancelled while it waited is never begun")
    func cancelled() async throws {
        let pool = WorkPool(name: "test", width: 1, limit: 10)
        let (begun, hold, ran) = (Gate(), Semaphore(), Recorder<Bool>())
        let first = Task {
            try await pool.run {
                begun.open(); hold.wait()
            }
        }
        await begun.pass()
        let second = Task { try await pool.run { ran.add(true) } }
        while pool.load.waiting < 1 { await Task.yield() }
        second.cancel()
        hold.signal()
        await #expect(throws: CancellationError.self) { try await second.value }
        try await first.value
        #expect(ran.all.isEmpty)
    }

    @Test("work that has begun is not interrupted, and what it throws is thrown on")
    func ends() async throws {
        struct Broken: Error {}
        let pool = WorkPool(name: "test", width: 1, limit: 10)
        await #expect(throws: Broken.self) { try await pool.run { throw Broken() } }
        let (begun, hold) = (Gate(), Semaphore())
        let work = Task {
            try await pool.run {
                begun.open(); hold.wait(); return 1
            }
        }
        await begun.pass()
        work.cancel()
        hold.signal()
        #expect(try await work.value == 1)
    }

    @Test("the threads end with the pool, after what waits is done")
    func ending() async throws {
        let name = "ends-\(UInt16.random(in: 0...999))"
        do {
            let pool = WorkPool(name: name, width: 2, limit: 10)
            let found = try await pool.run { threadNames().filter { $0.hasPrefix(name) }.count }
            #expect(found > 0)
        }
        while threadNames().contains(where: { $0.hasPrefix(name) }) { await Task.yield() }
    }
}

/// A meeting of threads; passes whoever comes after the first full one.
private final class Barrier: Sendable {
    private let missing: Mutex<Int>
    private let everybody = Semaphore()
    private let count: Int

    init(_ count: Int) {
        self.count = count
        missing = Mutex(count)
    }

    func meet() {
        let left = missing.withLock { missing in
            missing -= 1
            return missing
        }
        if left == 0 { for _ in 0..<count { everybody.signal() } }
        if left >= 0 { everybody.wait() }
    }
}

/// The names of this process's threads. Source: proc(5), /proc/pid/task.
private func threadNames() -> [String] {
    guard let folder = opendir("/proc/self/task") else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
        let id = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        guard let file = fopen("/proc/self/task/\(id)/comm", "r") else { continue }
        defer { fclose(file) }
        var line = [UInt8](repeating: 0, count: 32)
        let count = fread(&line, 1, 31, file)
        names.append(String(decoding: line.prefix(count).prefix { $0 != 10 }, as: UTF8.self))
    }
    return names
}
