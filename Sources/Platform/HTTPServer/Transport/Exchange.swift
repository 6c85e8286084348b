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
    private var isChunked = false
    private var keepsAliveAfterStream = false
    private var heartbeat: [UInt8]?
    private var lastWrite: Int64 = 0
    private var writeWaits: [Wait<Void>] = []
    /// Bytes written since the handler last had to wait.
    private var burstBytes = 0

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
    /// Whether the client speaks HTTP/1.1, and so understands chunks.
    var isVersion11: Bool { head?.isVersion11 ?? true }

    // MARK: The handler

    func start(handler: @escaping @Sendable (Request) async -> Response) {
        let request = request()
        let context = connection.context
        context.requestBegan()
        let task = Task.immediate(executorPreference: loop) { [self] in
            await answer(await handler(request))
            context.requestEnded()
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
        guard case .stream(let heartbeat, let produce) = response.body, mayHaveBody(response) else {
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

    /// Whatever a handler returns, these answers end with their head (RFC 9112, 6.3).
    private func mayHaveBody(_ response: Response) -> Bool {
        head?.message.method != .head && response.status >= 200 && response.status != 204 && response.status != 304
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
        head.setConnection(keepsAlive: keepsAlive, isVersion11: isVersion11)
        let content = mayHaveBody(response) ? response.body : .empty
        if case .bytes(let bytes) = content, bytes.count <= 16_384 {
            head.bytes += bytes
            connection.output.append(head.bytes)
        } else {
            connection.output.append(head.bytes)
            switch content {
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
        if connection.output.waitingBytes <= Self.lowWater { endWrites(with: .success(())) }
    }

    /// Nothing more will be asked or sent.
    func end() {
        state = .over
        task = nil
        body.fail(ConnectionClosed())
        endWrites(with: .failure(ConnectionClosed()))
    }

    private func endWrites(with result: Result<Void, any Error>) {
        let waits = writeWaits
        writeWaits = []
        for wait in waits { wait.end(with: result) }
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
    /// A handler that writes faster than it must wait gives the others a turn after this much.
    private static let bytesPerTurn = 1_048_576
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
        try await wait { [self] wait in
            if state == .over { wait.end(with: .failure(ConnectionClosed())) } else { body.ask(wait, connection) }
        }
    }

    /// Suspends until what `begin` starts on the loop has ended the wait.
    private func wait<Value: Sendable>(_ begin: @escaping @Sendable (Wait<Value>) -> Void) async throws -> Value {
        try Task.checkCancellation()
        let wait = Wait<Value>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                loop.perform { if wait.begin(continuation) { begin(wait) } }
            }
        } onCancel: {
            loop.perform { wait.cancel() }
        }
    }
}

extension Exchange: ResponseSink {
    func write(_ bytes: [UInt8]) async throws {
        try await wait { [self] wait in write(bytes, wait) }
    }

    private func write(_ bytes: [UInt8], _ wait: Wait<Void>) {
        if state == .streaming { sendPiece(bytes) }
        guard state == .streaming else { return wait.end(with: .failure(ConnectionClosed())) }
        burstBytes += bytes.count
        if connection.output.waitingBytes > Self.highWater {
            burstBytes = 0
            writeWaits.append(wait)
        } else if burstBytes >= Self.bytesPerTurn {
            burstBytes = 0
            loop.nextTurn { wait.end(with: .success(())) }
        } else {
            wait.end(with: .success(()))
        }
    }
}
