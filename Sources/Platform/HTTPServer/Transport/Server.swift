internal import CLinux
import Glibc
import Kernel
import Synchronization
import Telemetry

/// Why a server cannot listen.
package enum ServerError: Failure, Equatable {
    case addressInUse(host: String, port: UInt16)
    case badAddress(String)
    case noDescriptors
    case notPermitted(host: String, port: UInt16)

    package var status: Int { 500 }
    package var code: String { "cannot_listen" }
    package var message: String {
        switch self {
        case .addressInUse(let host, let port):
            "Another program listens on \(host):\(port). End it, or choose another port with --port."
        case .badAddress(let host): "\(host) is no address of this machine. Choose one with --host, such as 127.0.0.1."
        case .noDescriptors: "The process may open no more files. Raise the limit: ulimit -n 65536."
        case .notPermitted(let host, let port):
            "This user may not listen on \(host):\(port). Choose a port from 1024 up with --port."
        }
    }
}

/// An HTTP/1.1 server on epoll (measured beside the alternatives in docs/benchmarks.md).
///
/// It hands requests to a handler and knows nothing of routes. TLS and HTTP/2 are a proxy's job.
package final class Server: Service {
    private let context: ServerContext
    private let loops: [EventLoop]
    private let log: Log
    private let listener = Mutex<(descriptor: Int32, port: UInt16)>((-1, 0))

    package var name: String { "http server" }

    /// `handler`: Answers every request, on a loop's thread; what takes more than half a millisecond of CPU
    ///   belongs on a `WorkPool`.
    /// Throws: ``ServerError/noDescriptors``.
    package init(
        settings: ServerSettings,
        handler: @escaping @Sendable (Request) async -> Response,
        log: Log = .silent,
        metrics: Metrics = Metrics(),
    ) throws(ServerError) {
        let context = ServerContext(settings: settings, handler: handler)
        self.context = context
        self.log = log
        var loops: [EventLoop] = []
        for _ in 0..<max(1, settings.loops) { loops.append(try EventLoop()) }
        self.loops = loops
        let connections = metrics.gauge("http_connections", "Open connections.")
        metrics.onCollect { connections.set(Double(context.liveConnections)) }
    }

    /// The port that ``bind()`` got; 0 before.
    package var port: UInt16 { listener.withLock { $0.port } }

    /// Begins to listen; connections wait until ``run()``.
    package func bind() throws(ServerError) {
        let settings = context.settings
        let host = settings.host == "localhost" ? "127.0.0.1" : settings.host
        let descriptor = clinux_listen(host, settings.port, 4096)
        guard descriptor >= 0 else {
            switch errno {
            case EADDRINUSE: throw .addressInUse(host: host, port: settings.port)
            case EACCES, EPERM: throw .notPermitted(host: host, port: settings.port)
            case EMFILE, ENFILE: throw .noDescriptors
            default: throw .badAddress(host)
            }
        }
        listener.withLock { $0 = (descriptor, UInt16(clamping: clinux_local_port(descriptor))) }
    }

    /// Serves until the task is cancelled; then answers what runs, within the grace, and returns.
    package func run() async throws {
        let listener = listener.withLock { $0.descriptor }
        precondition(listener >= 0, "bind() comes before run()")
        let threadsEnded = OpenCount(loops.count)
        for (index, loop) in loops.enumerated() { start(loop, index, listener, threadsEnded) }
        await untilCancelled()
        await stopListening(listener)
        // A handler that does not heed its cancellation keeps its loop's thread until the process ends.
        guard await drain() else { return log.warning("handlers still run") }
        for loop in loops { loop.stop() }
        await threadsEnded.untilZero()
    }

    private func start(_ loop: EventLoop, _ index: Int, _ listener: Int32, _ ended: OpenCount) {
        let context = context
        loop.perform {
            loop.onAccept = { [unowned loop] descriptor, peer in
                Self.take(descriptor, peer, loop, context)
            }
            loop.listen(listener)
        }
        startThread(name: "http-\(index)") {
            loop.run()
            ended.countDown()
        }
    }

    private static func take(_ descriptor: Int32, _ peer: PeerAddress, _ loop: EventLoop, _ context: ServerContext) {
        let excess = context.liveConnections - context.settings.maxConnections
        guard excess < Self.mostTurnedAway else {
            close(descriptor)
            return
        }
        context.connectionOpened()
        let connection = Connection(descriptor, peer: peer, loop: loop, context: context)
        loop.add(connection)
        if excess >= 0 { connection.turnAway() }
    }

    /// Connections past the limit that are told so at one time; further ones are closed without a word.
    private static let mostTurnedAway = 256

    private func untilCancelled() async {
        let (never, source) = AsyncStream<Void>.makeStream()
        for await _ in never {}
        source.finish()
    }

    /// Takes the connections that the kernel has accepted already, and no more: closing first would reset them.
    private func stopListening(_ listener: Int32) async {
        context.drain()
        let left = OpenCount(loops.count)
        for loop in loops {
            loop.perform {
                loop.stopListening()
                left.countDown()
            }
        }
        await left.untilZero()
        close(listener)
    }

    /// Runs although the task is cancelled: the waits below are of another kind.
    ///
    /// - Returns: Whether every handler has ended.
    private func drain() async -> Bool {
        let open = context.liveConnections
        log.info("draining", ["connections.count": "\(open)"])
        for loop in loops {
            await withCheckedContinuation { continuation in
                loop.perform {
                    loop.drain()
                    continuation.resume()
                }
            }
        }
        let context = context
        let loops = loops
        let grace = context.settings.drainGrace
        let impatience = Task.detached {
            try await Task.sleep(for: grace)
            for loop in loops { loop.perform { loop.stopRequests() } }
            try await Task.sleep(for: .seconds(2))
            for loop in loops { loop.perform { loop.closeAll() } }
            try await Task.sleep(for: .seconds(2))
            context.giveUp()
        }
        defer { impatience.cancel() }
        return await context.waitUntilIdle()
    }
}

extension EventLoop {
    fileprivate func drain() {
        for connection in connections { connection.drain() }
    }

    fileprivate func stopRequests() {
        for connection in connections { connection.exchange?.stop() }
    }

    fileprivate func closeAll() {
        for connection in connections { connection.close(.stopping) }
    }
}

/// Counts down to zero, for somebody who waits.
private final class OpenCount: Sendable {
    private let state: Mutex<(count: Int, waiter: CheckedContinuation<Void, Never>?)>

    init(_ count: Int) { state = Mutex((count, nil)) }

    func countDown() {
        let waiter = state.withLock { state in
            state.count -= 1
            return state.count == 0 ? state.waiter : nil
        }
        waiter?.resume()
    }

    func untilZero() async {
        await withCheckedContinuation { continuation in
            let isZero = state.withLock { state in
                state.waiter = continuation
                return state.count == 0
            }
            if isZero { continuation.resume() }
        }
    }
}
