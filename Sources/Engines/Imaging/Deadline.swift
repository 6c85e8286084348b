import Glibc

/// A moment on the clock that the C shim looks at between strips and inside the encoder.
package struct Deadline: Sendable {
    /// Nanoseconds of CLOCK_MONOTONIC.
    let nanoseconds: Int64

    static let never = Deadline(nanoseconds: .max)

    /// Whether the moment has come.
    package var hasPassed: Bool { Self.now >= nanoseconds }

    private init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// `duration` from now; one too long to count never comes.
    package init(after duration: Duration) {
        let (seconds, attoseconds) = duration.components
        guard seconds < 1_000_000_000 else {
            self = .never
            return
        }
        nanoseconds = Self.now + seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    private static var now: Int64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }
}
