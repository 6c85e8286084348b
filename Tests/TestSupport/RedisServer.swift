import Glibc
import Kernel
import Synchronization

/// Debian's redis-server on a free port of 127.0.0.1. It keeps nothing on disk and ends with the value or the process.
package final class RedisServer: Sendable {
    /// Why there is none.
    package struct Failed: Error, CustomStringConvertible {
        package let description: String
        package init(_ description: String) { self.description = description }
    }

    /// The port of 127.0.0.1 it listens on.
    package let port: Int
    private let options: [String]
    private let environment: [String: String]
    private let child: Mutex<ChildProcess>

    private init(_ port: Int, _ options: [String], _ environment: [String: String], _ child: ChildProcess) {
        self.port = port
        self.options = options
        self.environment = environment
        self.child = Mutex(child)
    }

    deinit { child.withLock { $0.kill(SIGKILL) } }

    /// Returns when it accepts connections. `options` are more words of its command line.
    package static func start(
        _ options: [String] = [],
        environment: [String: String] = [:],
    ) async throws -> RedisServer {
        for _ in 0..<10 {
            let port = try freePort()
            let child = try await launch(port, options, environment)
            if await isReady(child) { return RedisServer(port, options, environment, child) }
            guard child.output.contains("Address already in use") else {
                throw Failed("redis-server does not start: \(child.output)")
            }
        }
        throw Failed("redis-server found no free port")
    }

    /// As `redis://`, without user and password.
    package var url: String { "redis://127.0.0.1:\(port)" }

    /// Sends a signal to it.
    package func signal(_ signal: Int32) { child.withLock { $0 }.kill(signal) }

    /// Ends it as a crash would; returns when it is gone.
    package func kill() async {
        signal(SIGKILL)
        _ = await child.withLock { $0 }.exitCode()
    }

    /// Starts it again after ``kill()``, empty, on the same port.
    package func restart() async throws {
        let next = try await Self.launch(port, options, environment)
        guard await Self.isReady(next) else { throw Failed("redis-server does not start again: \(next.output)") }
        child.withLock { $0 = next }
    }

    private static func isReady(_ child: ChildProcess) async -> Bool {
        await child.line { $0.contains("Ready to accept connections") } != nil
    }

    private static func launch(
        _ port: Int,
        _ options: [String],
        _ environment: [String: String],
    ) async throws -> ChildProcess {
        let programs = ["/usr/bin/setpriv": "util-linux", "/usr/bin/redis-server": "redis-server"]
        for (program, package) in programs where access(program, X_OK) != 0 {
            throw Failed("\(program) is missing: install the Debian package \(package), or run script/setup --test")
        }
        let line = ["/usr/bin/setpriv", "--pdeathsig", "KILL", "/usr/bin/redis-server"]
        let settings = ["--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        let result = await Launcher.shared.run {
            Result { try ChildProcess(line + settings + options, environment: environment, folder: "/tmp") }
        }
        return try result.get()
    }
}

/// Starts children from a thread that never ends: the kernel kills a child of `setpriv --pdeathsig` when the thread that
/// started it does, not only when the process does.
private final class Launcher: Sendable {
    static let shared = Launcher()
    private let waiting = Mutex<[@Sendable () -> Void]>([])
    private let wake = Semaphore()

    init() {
        startThread(name: "test-launcher") { [self] in
            while true {
                wake.wait()
                waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }?()
            }
        }
    }

    func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        let answer = OneShot<Value>()
        waiting.withLock { $0.append { answer.fulfil(work()) } }
        wake.signal()
        return await answer.wait()
    }
}

/// A port of 127.0.0.1 that nobody has now.
private func freePort() throws -> Int {
    let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(probe) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            bind(probe, address, length) == 0 ? getsockname(probe, address, &length) : -1
        }
    }
    guard code == 0 else { throw RedisServer.Failed("no free port on 127.0.0.1") }
    return Int(UInt16(bigEndian: address.sin_port))
}
