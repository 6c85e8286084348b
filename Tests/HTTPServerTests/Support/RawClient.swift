import Glibc
import Kernel

/// A blocking socket that sends exactly the bytes a test wants. Use it on a thread of its own: ``onThread(_:)``.
final class RawClient: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ what: String) { description = "\(what): errno \(errno)" }
    }

    private let descriptor: Int32

    /// A connection to 127.0.0.1. `receiveBufferBytes` keeps the kernel from taking much for a client that reads
    /// slowly.
    init(port: UInt16, receiveBufferBytes: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure("socket") }
        // A test that waits in vain fails instead of hanging.
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        if var bytes = receiveBufferBytes {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        // The deinit closes it: it runs for a value that was complete when its initializer threw. Closed here too, the
        // number might be another test's by then.
        guard code == 0 else { throw Failure("connect") }
    }

    deinit { Glibc.close(descriptor) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
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
            guard count > 0 else { throw Failure("send") }
            sent += count
        }
    }

    /// The client will send no more, but reads on.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Ends both directions at once, while other references to the client live on.
    func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Closes with a reset instead of an orderly end, when the last reference goes.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Some bytes; none at the end of the connection.
    func receive(atMost limit: Int = 65_536) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
            let count = recv(descriptor, buffer.baseAddress, limit, 0)
            guard count >= 0 else { throw Failure("recv") }
            filled = count
        }
    }

    /// Everything until the server closes.
    func receiveAll() throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let piece = try receive()
            if piece.isEmpty { return all }
            all += piece
        }
    }
}

/// Runs blocking work on a thread of its own, so that the cooperative pool stays free for the server's handlers.
func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        startThread(name: "client") { continuation.resume(with: Result(catching: work)) }
    }
}
