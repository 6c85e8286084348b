internal import CLinux
import Glibc

/// What waits to be sent on a connection, in order: bytes and parts of files.
struct OutputQueue {
    enum Progress {
        case done
        /// The socket takes no more for now.
        case blocked
        /// It would take more, but others wait for their turn.
        case yielded
        case failed
    }

    private enum Piece {
        case bytes([UInt8], sent: Int)
        case file(FileBody, sent: Int)
    }

    /// Bytes of a file sent before others have their turn.
    private static let fileBytesPerTurn = 1_048_576
    private var pieces: [Piece] = []
    private var head = 0
    /// Bytes in memory that wait; files do not count.
    private(set) var waitingBytes = 0

    var isEmpty: Bool { head == pieces.count }

    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        pieces.append(.bytes(bytes, sent: 0))
        waitingBytes += bytes.count
    }

    mutating func append(_ file: FileBody) {
        if file.length > 0 { pieces.append(.file(file, sent: 0)) }
    }

    /// Sends as much as the socket takes.
    ///
    /// - Returns: How far it got, and how many bytes were sent.
    mutating func send(to descriptor: Int32) -> (progress: Progress, sent: Int) {
        var total = 0
        var fileBudget = Self.fileBytesPerTurn
        while head < pieces.count {
            let hasMore = head + 1 < pieces.count
            let sent: Int
            switch pieces[head] {
            case .bytes(let bytes, let done):
                sent = bytes.withUnsafeBytes {
                    clinux_send(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done, hasMore)
                }
                if sent > 0 {
                    advance(.bytes(bytes, sent: done + sent), by: sent, isDone: done + sent == bytes.count)
                }
            case .file(let file, let done):
                guard fileBudget > 0 else { return (.yielded, total) }
                let count = min(file.length - done, fileBudget)
                sent = clinux_sendfile(descriptor, file.file.descriptor, Int64(file.offset + done), count)
                // The file became shorter than was promised: only a cut connection tells the client.
                if sent == 0 { return (.failed, total) }
                if sent > 0 { advance(.file(file, sent: done + sent), by: 0, isDone: done + sent == file.length) }
                fileBudget -= max(0, sent)
            }
            guard sent >= 0 else {
                if errno == EINTR { continue }
                return (errno == EAGAIN ? .blocked : .failed, total)
            }
            total += sent
        }
        pieces.removeAll(keepingCapacity: pieces.count <= 4)
        head = 0
        return (.done, total)
    }

    private mutating func advance(_ piece: Piece, by bytes: Int, isDone: Bool) {
        waitingBytes -= bytes
        pieces[head] = isDone ? .bytes([], sent: 0) : piece
        if isDone { head += 1 }
    }
}
