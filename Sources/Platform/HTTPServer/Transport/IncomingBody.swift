internal import CLinux
import Kernel
import Synchronization

/// The body of a request as it comes from a connection: what its handler has not asked for stays in the socket.
///
/// Touched on the loop's thread only, but for the counter.
final class IncomingBody {
    private enum Framing {
        case length(left: Int)
        case chunked(ChunkedDecoder)
        /// The head could not be read, so nobody knows where it ends.
        case unknown
    }

    /// Bytes given to the handler so far.
    let received = Atomic<Int>(0)
    private var framing: Framing
    private var wait: Wait<[UInt8]?>?
    private var waitingSince: Int64 = 0
    private var failure: (any Error)?
    private var mustSendContinue: Bool

    enum Kind { case unknown }

    init(_ framing: RequestHead.Framing, expectsContinue: Bool) {
        switch framing {
        case .none: self.framing = .length(left: 0)
        case .length(let length): self.framing = .length(left: length)
        case .chunked: self.framing = .chunked(ChunkedDecoder())
        }
        mustSendContinue = expectsContinue && framing != .none
    }

    init(_ kind: Kind, expectsContinue: Bool) {
        framing = .unknown
        mustSendContinue = false
    }

    var isComplete: Bool {
        switch framing {
        case .length(let left): left == 0
        case .chunked(let decoder): decoder.isComplete
        case .unknown: false
        }
    }

    /// Whether a handler waits for the next piece.
    var isAwaited: Bool { wait?.isOpen ?? false }

    /// Whether everything has come that `connection` has read, taken by the handler or not.
    func isWhole(in input: [UInt8]) -> Bool {
        if case .length(let left) = framing { input.count >= left } else { isComplete }
    }

    /// Whether the body stays cut when no more comes than `unread` bytes.
    func isCut(_ input: [UInt8], unread: Int) -> Bool {
        switch framing {
        case .length(let left): input.count + unread < left
        case .chunked: !isComplete && input.isEmpty && unread == 0
        case .unknown: false
        }
    }

    /// Gives the next piece to `wait`, now or when it has come.
    func ask(_ wait: Wait<[UInt8]?>, _ connection: Connection) {
        guard !isAwaited else {
            return wait.end(with: .failure(HTTPError.badRequest("The body is being read twice.")))
        }
        if mustSendContinue {
            mustSendContinue = false
            connection.output.append(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
            connection.flush()
        }
        self.wait = wait
        waitingSince = connection.loop.now
        serveWaiter(connection)
    }

    /// Reads for whoever waits, if anybody does.
    func serveWaiter(_ connection: Connection) {
        guard isAwaited else { return }
        if let failure { return resume(with: .failure(failure)) }
        if isComplete { return resume(with: .success(nil)) }
        do {
            guard let piece = try takePiece(connection) else {
                // Nothing more has come, or the last chunk had no data.
                if isComplete { resume(with: .success(nil)) }
                return
            }
            received.add(piece.count, ordering: .relaxed)
            resume(with: .success(piece))
        } catch {
            fail(error)
        }
    }

    /// What is here already and nobody will ask for, so that the connection can go on: at most what one read brings.
    func dropBuffered(_ connection: Connection) {
        guard !isComplete, !mustSendContinue, case .length(let left) = framing, left <= 65_536 else { return }
        while !isComplete, let piece = try? takePiece(connection), !piece.isEmpty {}
    }

    /// Ends every wait for the body, this one and later ones, with an error.
    func fail(_ error: any Error) {
        if failure == nil { failure = error }
        resume(with: .failure(error))
    }

    func isLate(_ now: Int64, after limit: Duration) -> Bool {
        isAwaited && now - waitingSince >= limit.milliseconds
    }

    private func resume(with result: Result<[UInt8]?, any Error>) {
        let wait = wait
        self.wait = nil
        wait?.end(with: result)
    }

    /// The next data of the body; `nil` when none is here.
    private func takePiece(_ connection: Connection) throws(HTTPError) -> [UInt8]? {
        while true {
            if connection.input.isEmpty {
                connection.input = read(connection)
                if connection.input.isEmpty { return nil }
            }
            let piece = try take(from: &connection.input)
            if !piece.isEmpty { return piece }
            if isComplete { return nil }
        }
    }

    private func read(_ connection: Connection) -> [UInt8] {
        let room: Int = if case .length(let left) = framing { min(left, 65_536) } else { 65_536 }
        return [UInt8](unsafeUninitializedCapacity: room) { buffer, filled in
            filled = connection.receive(into: UnsafeMutableRawBufferPointer(buffer)) ?? 0
        }
    }

    /// Takes the body's part of `input`, and leaves what belongs to the next request.
    private func take(from input: inout [UInt8]) throws(HTTPError) -> [UInt8] {
        switch framing {
        case .length(let left):
            let piece: [UInt8]
            if input.count <= left {
                piece = input
                input = []
            } else {
                piece = Array(input[..<left])
                input = Array(input[left...])
            }
            framing = .length(left: left - piece.count)
            return piece
        case .chunked(var decoder):
            var piece: [UInt8] = []
            piece.reserveCapacity(input.count)
            let taken = try decoder.decode(input[...], into: &piece)
            input = taken == input.count ? [] : Array(input[taken...])
            framing = .chunked(decoder)
            return piece
        case .unknown:
            input = []
            return []
        }
    }
}
