import Kernel
import Synchronization

/// One request on its connection, from the end of its head to the end of its answer: the body's source, the answer's
/// sink and the clock of the handler.
///
/// Sendable because everything mutable but the atomics is touched on the loop's thread only.
final class Exchange: @unchecked Sendable {
    private enum State { case waiting, streaming, over }

    let connection: Connection
    let loop: EventLoop
    private let head: RequestHead?
    private let refusal: HTTPError?
    private let arrivedAt: Int64
    private let endingCode = Atomic<UInt8>(0)
    private var state = State.waiting
    private var task: Task<Void, Never>?
    private var deadline = Int64.max
    var body: IncomingBody
    private var isCancelled = false
    private var isChunked = false
    private var keepsAliveAfterStream = false
    private var heartbeat: [UInt8]?
    private var lastWrite: Int64 = 0
    private var writeWaiter: CheckedContinuation<Void, any Error>?

    init(_ head: RequestHead, connection: Connection) {
        self.head = head
        refusal = nil
        self.connection = connection
        loop = connection.loop
        arrivedAt = loop.now
        body = IncomingBody(head.framing, expectsContinue: head.expectsContinue)
    }

    /// A head that cannot be read is answered like a request to nowhere, so that it is logged and counted.
    init(refused problem: HTTPError, connection: Connection) {
        head = nil
        refusal = problem
        self.connection = connection
        loop = connection.loop
        arrivedAt = loop.now
        body = IncomingBody(.unknown, expectsContinue: false)
    }

    var hasWholeBody: Bool { body.isComplete }
    var keepsAlive: Bool { head?.keepsAlive ?? false }

    // MARK: The handler

    func start(handler: @escaping @Sendable (Request) async -> Response) {
        let request = request()
        let task = Task.immediate(executorPreference: loop) { [self] in
            await answer(await handler(request))
        }
        if state != .over { self.task = task }
    }

    private func request() -> Request {
        guard let head else {
            let target = RequestTarget(refusedFor: refusal ?? .badRequest("The request cannot be read."))
            let message = Request.Head(method: .get, headers: Headers(), targetRange: 0..<0, target: target)
            return Request(head: message, body: .empty, peer: connection.peer, control: self)
        }
        let length: Int? =
            switch head.framing {
            case .none: 0
            case .length(let length): length
            case .chunked: nil
            }
        let body = head.framing == .none ? RequestBody.empty : RequestBody(source: self, length: length)
        return Request(head: head.message, body: body, peer: connection.peer, control: self)
    }

    private func answer(_ response: Response) async {
        guard case .stream(let heartbeat, let produce) = response.body else {
            return loop.perform { [self] in send(response) }
        }
        guard await onLoop({ [self] in startStream(response, heartbeat) }) else { return }
        do {
            try await produce(ResponseWriter(self))
            loop.perform { [self] in finishStream() }
        } catch {
            // Half an answer must not look like a whole one.
            loop.perform { [self] in if state != .over { connection.close(.left) } }
        }
    }

    private func onLoop<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        if loop.isCurrent { return body() }
        return await withCheckedContinuation { continuation in
            loop.perform { continuation.resume(returning: body()) }
        }
    }

    // MARK: Answers

    private func send(_ response: Response) {
        guard state == .waiting else { return }
        body.dropBuffered(connection)
        let keepsAlive = connection.mayContinue(after: self)
        var head = ResponseHead(response, dateLine: loop.dateLine)
        head.setLength(of: response)
        head.setConnection(keepsAlive: keepsAlive, isVersion11: self.head?.isVersion11 ?? true)
        if case .bytes(let bytes) = response.body, bytes.count <= 16_384 {
            head.bytes += bytes
            connection.output.append(head.bytes)
        } else {
            connection.output.append(head.bytes)
            switch response.body {
            case .bytes(let bytes): connection.output.append(bytes)
            case .file(let file): connection.output.append(file)
            case .empty, .head, .stream: break
            }
        }
        connection.flush()
        connection.finish(self, keepsAlive: keepsAlive)
    }

    /// - Returns: Whether anybody is still there.
    private func startStream(_ response: Response, _ heartbeat: [UInt8]?) -> Bool {
        guard state == .waiting else { return false }
        state = .streaming
        deadline = .max
        self.heartbeat = heartbeat
        isChunked = head?.isVersion11 ?? false
        keepsAliveAfterStream = isChunked && connection.mayContinue(after: self)
        var head = ResponseHead(response, dateLine: loop.dateLine)
        if isChunked { head.add("Transfer-Encoding: chunked\r\n") }
        head.setConnection(keepsAlive: keepsAliveAfterStream, isVersion11: true)
        connection.output.append(head.bytes)
        lastWrite = loop.now
        connection.flush()
        return state == .streaming
    }

    private func finishStream() {
        guard state == .streaming else { return }
        if isChunked { connection.output.append(Array("0\r\n\r\n".utf8)) }
        connection.flush()
        connection.finish(self, keepsAlive: keepsAliveAfterStream)
    }

    private func sendPiece(_ bytes: [UInt8]) {
        lastWrite = loop.now
        if isChunked {
            var chunk = Array(String(bytes.count, radix: 16).utf8)
            chunk.reserveCapacity(chunk.count + bytes.count + 4)
            chunk += "\r\n".utf8
            chunk += bytes
            chunk += "\r\n".utf8
            connection.output.append(chunk)
        } else {
            connection.output.append(bytes)
        }
        connection.flush()
    }

    // MARK: What the connection tells

    func bodyMayHaveArrived() { body.serveWaiter(connection) }

    /// The client sends no more, and the body may be incomplete.
    func bodyEnded() {
        if body.isComplete { return }
        body.fail(HTTPError.bodyIncomplete)
    }

    func outputWasSent() {
        guard let writeWaiter, connection.output.waitingBytes <= Self.lowWater else { return }
        self.writeWaiter = nil
        writeWaiter.resume()
    }

    /// Nothing more will be asked or sent.
    func end() {
        state = .over
        task = nil
        body.fail(ConnectionClosed())
        writeWaiter?.resume(throwing: ConnectionClosed())
        writeWaiter = nil
    }

    /// The connection is gone, or shall go: the handler is cancelled.
    func abandon(_ ending: RequestEnding) {
        let task = task
        setEnding(ending)
        end()
        task?.cancel()
    }

    /// Once a second.
    func checkTime(_ now: Int64) {
        if body.isLate(now, after: connection.context.settings.timeouts.body) { body.fail(HTTPError.bodyTimeout) }
        if state == .waiting, now >= deadline, ending == nil {
            setEnding(.outOfTime)
            task?.cancel()
        }
        if state == .streaming, let heartbeat, connection.output.isEmpty,
            .milliseconds(now - lastWrite) >= connection.context.settings.timeouts.heartbeat
        {
            sendPiece(heartbeat)
        }
    }

    /// The server ends and waits no longer.
    func stop() {
        guard state != .over, ending == nil else { return }
        setEnding(.stopping)
        task?.cancel()
    }

    private func setEnding(_ ending: RequestEnding) {
        _ = endingCode.compareExchange(expected: 0, desired: ending.rawValue, ordering: .sequentiallyConsistent)
    }

    private static let highWater = 65_536
    private static let lowWater = 16_384
}

extension Exchange: RequestControl {
    var ending: RequestEnding? { RequestEnding(rawValue: endingCode.load(ordering: .sequentiallyConsistent)) }

    func limitTime(to duration: Duration) {
        let deadline = arrivedAt + duration.milliseconds
        if loop.isCurrent { self.deadline = deadline } else { loop.perform { [self] in self.deadline = deadline } }
    }
}

extension Exchange: BodySource {
    var received: Int { body.received.load(ordering: .relaxed) }

    func next() async throws -> [UInt8]? {
        try Task.checkCancellation()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                loop.perform { [self] in askForBody(continuation) }
            }
        } onCancel: {
            loop.perform { [self] in cancelWaits() }
        }
    }

    private func askForBody(_ continuation: CheckedContinuation<[UInt8]?, any Error>) {
        guard state != .over else { return continuation.resume(throwing: ConnectionClosed()) }
        guard !isCancelled else { return continuation.resume(throwing: CancellationError()) }
        body.ask(continuation, connection)
    }

    private func cancelWaits() {
        isCancelled = true
        body.cancelWaiter()
        writeWaiter?.resume(throwing: CancellationError())
        writeWaiter = nil
    }
}

extension Exchange: ResponseSink {
    func write(_ bytes: [UInt8]) async throws {
        try Task.checkCancellation()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                loop.perform { [self] in write(bytes, continuation) }
            }
        } onCancel: {
            loop.perform { [self] in cancelWaits() }
        }
    }

    private func write(_ bytes: [UInt8], _ continuation: CheckedContinuation<Void, any Error>) {
        guard state == .streaming else { return continuation.resume(throwing: ConnectionClosed()) }
        guard !isCancelled else { return continuation.resume(throwing: CancellationError()) }
        sendPiece(bytes)
        guard state == .streaming else { return continuation.resume(throwing: ConnectionClosed()) }
        guard connection.output.waitingBytes > Self.highWater else { return continuation.resume() }
        writeWaiter = continuation
    }
}
