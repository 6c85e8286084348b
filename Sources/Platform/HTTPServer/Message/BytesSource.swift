import Synchronization

/// A body that is already in memory; it comes in one piece, or in pieces of a given size to test readers.
package final class BytesSource: BodySource {
    private let bytes: [UInt8]
    private let pieceBytes: Int
    private let position = Mutex(0)

    /// `pieceBytes` is the length of each piece but the last.
    package init(_ bytes: [UInt8], pieceBytes: Int = .max) {
        self.bytes = bytes
        self.pieceBytes = pieceBytes
    }

    package var received: Int { position.withLock { $0 } }

    package func next() async throws -> [UInt8]? {
        try Task.checkCancellation()
        return position.withLock { position in
            guard position < bytes.count else { return nil }
            let end = bytes.count - position <= pieceBytes ? bytes.count : position + pieceBytes
            defer { position = end }
            return Array(bytes[position..<end])
        }
    }
}
