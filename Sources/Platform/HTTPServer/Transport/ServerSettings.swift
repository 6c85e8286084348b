/// Where and how a ``Server`` listens.
package struct ServerSettings: Sendable {
    /// An IPv4 or IPv6 address, or `localhost`.
    package var host = "127.0.0.1"
    /// 0 takes a free one; ``Server/port`` tells which.
    package var port: UInt16 = 8080
    /// Threads that each serve many thousand connections.
    package var loops = 1
    /// More connections are answered 503 and closed.
    package var maxConnections = 16_384
    /// How long running requests may go on after the server was told to end.
    package var drainGrace = Duration.seconds(20)
    var timeouts = ConnectionTimeouts()
    var headLimits = HeadLimits()

    package init() {}
}

/// When a connection that does not move is closed. Checked once a second.
struct ConnectionTimeouts: Sendable {
    /// From the first byte of a head to its end.
    var head = Duration.seconds(10)
    /// Between two pieces of a body that a handler waits for.
    var body = Duration.seconds(30)
    /// Between two requests.
    var idle = Duration.seconds(60)
    /// While the client takes nothing of an answer.
    var write = Duration.seconds(60)
    /// After an answer that came before the end of the body: what the client still sends is thrown away, so that it
    /// reads the answer instead of a reset connection (RFC 9112, 9.6). Between two pieces, and in all.
    var linger = Duration.seconds(5)
    var lingerTotal = Duration.seconds(30)
    /// Between two pieces of a stream that has a heartbeat.
    var heartbeat = Duration.seconds(15)
}
