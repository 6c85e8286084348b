internal import CLinux
import Glibc

/// One client's connection: what arrives becomes requests, one at a time, and answers go back in order.
///
/// Touched on its loop's thread only. While a request runs, the socket is read only as far as its handler asks for the
/// body: a client cannot send ahead more than the kernel's buffers hold.
final class Connection {
    enum Phase {
        /// Between two requests, or in the middle of a head.
        case reading
        /// A request is being answered.
        case busy
        /// Answered and closed for writing; what still arrives is thrown away.
        case lingering
        case closed
    }

    let descriptor: Int32
    let peer: PeerAddress
    let loop: EventLoop
    let context: ServerContext
    /// Where the loop's table keeps it.
    var place = 0
    private(set) var phase = Phase.reading
    private(set) var exchange: Exchange?
    /// Bytes that came and belong to a head not yet complete, a body or the next request.
    var input: [UInt8] = []
    var output = OutputQueue()
    private var canRead = false
    private var canWrite = true
    /// The client sends no more; it may still read.
    private var peerHasClosed = false
    /// Nothing is left to read.
    private var inputHasEnded = false
    private var isQueued = false
    private var closesAfterOutput = false
    private var isPumping = false
    private var isHeadIncomplete = false
    private var hasServed = false
    /// The answer came before everything that the client sent was read.
    private var mustLinger = false
    private var lingersSince: Int64 = 0
    /// When the present wait began, by the loop's clock.
    private(set) var waitingSince: Int64

    init(_ descriptor: Int32, peer: PeerAddress, loop: EventLoop, context: ServerContext) {
        self.descriptor = descriptor
        self.peer = peer
        self.loop = loop
        self.context = context
        waitingSince = loop.now
    }

    // MARK: Events

    func handle(events: UInt32) {
        if events & (CLINUX_ERROR | CLINUX_HANG_UP) != 0 { return close(.left) }
        if events & CLINUX_READABLE != 0 { canRead = true }
        if events & CLINUX_PEER_CLOSED != 0, !peerHasClosed {
            peerHasClosed = true
            canRead = true
            if hasLeft { return close(.left) }
        }
        if events & CLINUX_WRITABLE != 0 {
            canWrite = true
            flush()
        }
        goOn()
    }

    /// Whether a client that sends no more is gone, as far as anybody can know. Who closes while the handler works has
    /// left. A close that came together with the end of the request may be a half-close: that one is answered, and so
    /// is a handler that waits for the rest of a body.
    private var hasLeft: Bool {
        guard let exchange, output.isEmpty else { return false }
        if exchange.body.isWhole(in: input) { return true }
        var unread: Int32 = 0
        guard ioctl(descriptor, UInt(FIONREAD), &unread) == 0, !exchange.body.isAwaited else { return false }
        return exchange.body.isCut(input, unread: Int(unread))
    }

    /// Goes on in the next turn with what would have kept the others waiting.
    private func queue() {
        guard !isQueued else { return }
        isQueued = true
        loop.nextTurn { [self] in
            isQueued = false
            flush()
            if output.isEmpty { goOn() }
        }
    }

    private func goOn() {
        switch phase {
        case .reading: pump()
        case .busy: exchange?.bodyMayHaveArrived()
        case .lingering: discard()
        case .closed: break
        }
    }

    // MARK: Reading

    /// Reads requests and starts them until one is running or nothing more is there.
    private func pump() {
        guard !isPumping else { return }
        isPumping = true
        defer { isPumping = false }
        var requests = 0
        // A slow reader gets no second answer before the first is sent.
        while phase == .reading, output.isEmpty {
            requests += 1
            guard requests <= Self.requestsPerTurn else { return queue() }
            if input.isEmpty || isHeadIncomplete {
                guard let count = receive(into: loop.scratch) else { return }
                let fresh = UnsafeRawBufferPointer(rebasing: loop.scratch[..<count]).bindMemory(to: UInt8.self)
                if input.isEmpty {
                    waitingSince = loop.now
                    parse(fresh)
                    continue
                }
                input += fresh
            }
            let pending = input
            pending.withUnsafeBufferPointer(parse)
        }
    }

    private func parse(_ bytes: UnsafeBufferPointer<UInt8>) {
        switch HeadParser.parse(bytes, limits: context.settings.headLimits) {
        case .incomplete:
            isHeadIncomplete = true
            if input.isEmpty { input = Array(bytes) }
        case .complete(let head, let count):
            isHeadIncomplete = false
            input = count == bytes.count ? [] : Array(bytes[count...])
            start(Exchange(head, connection: self))
        case .refused(let problem):
            isHeadIncomplete = false
            input = []
            start(Exchange(refused: problem, connection: self))
        }
    }

    /// Reads what is there.
    ///
    /// - Returns: How many bytes; `nil` when there are none now, or when the connection was closed.
    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        guard canRead else { return nil }
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 {
                // Less than asked for means that the socket is empty now; the next bytes bring an event.
                if count < buffer.count, !peerHasClosed { canRead = false }
                return count
            }
            if count < 0, errno == EINTR { continue }
            canRead = false
            if count == 0 || errno != EAGAIN { endOfInput() }
            return nil
        }
    }

    /// The client sends no more.
    private func endOfInput() {
        peerHasClosed = true
        inputHasEnded = true
        if phase == .busy { exchange?.bodyEnded() } else { close(.left) }
    }

    private func discard() {
        for _ in 0..<Self.readsPerTurn {
            guard phase == .lingering, receive(into: loop.scratch) != nil else { return }
            waitingSince = loop.now
        }
        queue()
    }

    private static let requestsPerTurn = 64
    private static let readsPerTurn = 16

    // MARK: Requests and answers

    private func start(_ exchange: Exchange) {
        phase = .busy
        hasServed = true
        self.exchange = exchange
        waitingSince = loop.now
        exchange.start(handler: context.handler)
    }

    /// Whether the connection can carry another request after the running one.
    func mayContinue(after exchange: Exchange) -> Bool {
        exchange.keepsAlive && !context.isDraining && exchange.hasWholeBody
    }

    /// Sends what waits.
    func flush() {
        guard phase != .closed, canWrite, !output.isEmpty else { return }
        let (progress, sent) = output.send(to: descriptor)
        if sent > 0 { waitingSince = loop.now }
        switch progress {
        case .done: break
        case .blocked: canWrite = false
        case .yielded: return queue()
        case .failed: return close(.left)
        }
        exchange?.outputWasSent()
        guard output.isEmpty else { return }
        if closesAfterOutput { if phase != .lingering { endAfterOutput() } } else if phase == .reading { pump() }
    }

    /// The answer is complete: the next request may come, or the connection ends.
    func finish(_ exchange: Exchange, keepsAlive: Bool) {
        guard self.exchange === exchange, phase == .busy else { return }
        exchange.end()
        self.exchange = nil
        waitingSince = loop.now
        guard keepsAlive else {
            closesAfterOutput = true
            mustLinger = !exchange.hasWholeBody || !input.isEmpty || canRead
            return output.isEmpty ? endAfterOutput() : flush()
        }
        phase = .reading
        flush()
        pump()
    }

    private func endAfterOutput() {
        // A socket closed with bytes unread is reset, and a reset can destroy the answer on its way.
        guard mustLinger, !inputHasEnded else { return close(.left) }
        phase = .lingering
        input = []
        waitingSince = loop.now
        lingersSince = loop.now
        clinux_shutdown_write(descriptor)
        discard()
    }

    /// Ends the connection now; a running handler is cancelled.
    func close(_ ending: RequestEnding) {
        guard phase != .closed else { return }
        phase = .closed
        Glibc.close(descriptor)
        loop.remove(self)
        context.connectionClosed()
        output = OutputQueue()
        input = []
        let exchange = exchange
        self.exchange = nil
        exchange?.abandon(ending)
    }

    // MARK: Time

    /// Once a second.
    func checkTime() {
        let timeouts = context.settings.timeouts
        let waited = Duration.milliseconds(loop.now - waitingSince)
        switch phase {
        case .reading where isHeadIncomplete:
            if waited >= timeouts.head { refuseSlowHead() }
        case .reading:
            let idle = context.isDraining ? hasServed ? .zero : min(.seconds(1), timeouts.idle) : timeouts.idle
            let limit = output.isEmpty ? idle : timeouts.write
            if waited >= limit { close(.left) }
        case .busy:
            if !output.isEmpty, waited >= timeouts.write { return close(.left) }
            exchange?.checkTime(loop.now)
        case .lingering:
            let lingered = Duration.milliseconds(loop.now - lingersSince)
            if waited >= timeouts.linger || lingered >= timeouts.lingerTotal { close(.left) }
        case .closed: break
        }
    }

    /// The server has too many connections: says so and ends.
    func turnAway() {
        phase = .busy
        closesAfterOutput = true
        mustLinger = true
        let answer =
            "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        output.append(Array(answer.utf8))
        flush()
    }

    private func refuseSlowHead() {
        output.append(Array("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8))
        isHeadIncomplete = false
        closesAfterOutput = true
        flush()
        if phase != .closed { close(.left) }
    }

    /// The server ends: an idle connection closes now, a running request is still answered, and one that has just
    /// connected gets a second to send its request.
    func drain() {
        if phase == .reading {
            canRead = true
            pump()
        }
        if phase == .reading, !isHeadIncomplete, output.isEmpty, hasServed { close(.left) }
    }
}
