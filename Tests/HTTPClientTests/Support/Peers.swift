import Glibc
import HTTPServer
import Kernel
import Synchronization

/// Runs our own server while `body` runs.
func withServer<Value>(
    _ build: (inout Router) -> Void,
    _ body: (_ url: String) async throws -> Value,
) async throws -> Value {
    var router = Router()
    build(&router)
    var settings = ServerSettings()
    settings.port = 0
    settings.drainGrace = .zero
    let server = try Server(settings: settings, handler: router.handler)
    try server.bind()
    let running = Task { try await server.run() }
    do {
        let value = try await body("http://127.0.0.1:\(server.port)")
        running.cancel()
        try await running.value
        return value
    } catch {
        running.cancel()
        try? await running.value
        throw error
    }
}

/// A server that answers each connection with bytes of the test's choosing, on a thread of its own. It ends with its
/// last reference.
final class RawServer: Sendable {
    /// One accepted connection.
    final class Peer: Sendable {
        private let descriptor: Int32
        fileprivate init(_ descriptor: Int32) { self.descriptor = descriptor }
        deinit { close(descriptor) }

        /// Everything up to the end of a head; empty when the client has closed.
        func receiveHead() -> String {
            var text = ""
            while !text.hasSuffix("\r\n\r\n") {
                var byte: UInt8 = 0
                guard recv(descriptor, &byte, 1, 0) == 1 else { break }
                text.unicodeScalars.append(Unicode.Scalar(byte))
            }
            return text
        }

        /// Waits until the client closes its side.
        func waitForEnd() {
            var byte: UInt8 = 0
            while recv(descriptor, &byte, 1, 0) > 0 {}
        }

        /// - Returns: Whether all of it was taken.
        @discardableResult
        func send(_ text: String) -> Bool {
            let bytes = Array(text.utf8)
            var sent = 0
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes { bytes in
                    Glibc.send(
                        descriptor,
                        bytes.baseAddress.map { $0 + sent },
                        bytes.count - sent,
                        Int32(MSG_NOSIGNAL),
                    )
                }
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }

    let url: String
    private let listener: Int32
    private let connections = Atomic<Int>(0)

    /// Connections accepted so far.
    var count: Int { connections.load(ordering: .sequentiallyConsistent) }

    /// `serve` gets each connection and its number, from 0, on a thread of its own; when it returns, the connection
    /// closes.
    init(_ serve: @escaping @Sendable (Peer, Int) -> Void) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = bind(listener, address, size)
                _ = listen(listener, 128)
                _ = getsockname(listener, address, &size)
            }
        }
        self.listener = listener
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        startThread(name: "raw-server") { [weak self] in
            // Closed here and nowhere else: the number may belong to another server as soon as it is free.
            defer { close(listener) }
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                let peer = Peer(descriptor)
                guard let number = self?.connections.add(1, ordering: .sequentiallyConsistent).oldValue else { return }
                startThread(name: "raw-peer") { serve(peer, number) }
            }
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }
}

/// One thing that a test waits for.
final class Signal: Sendable {
    private let state = Mutex<(isSet: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

    var isSet: Bool { state.withLock { $0.isSet } }

    func set() {
        let waiters = state.withLock { state in
            state.isSet = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isSet = state.withLock { state in
                if !state.isSet { state.waiters.append(continuation) }
                return state.isSet
            }
            if isSet { continuation.resume() }
        }
    }
}

func reply(_ body: String, status: String = "200 OK", fields: String = "X: 1") -> String {
    "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\r\n\(body)"
}
