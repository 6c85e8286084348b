import Glibc

/// A moment on the clock that the C shim looks at between strips and inside the encoder.
struct Deadline: Sendable {
    /// Nanoseconds of CLOCK_MONOTONIC.
    let nanoseconds: Int64

    static let never = Deadline(nanoseconds: .max)

    private init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// `duration` from now; one too long to count never comes.
    init(after duration: Duration) {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let (seconds, attoseconds) = duration.components
        guard seconds < 1_000_000_000 else {
            self = .never
            return
        }
        nanoseconds =
            (Int64(now.tv_sec) + seconds) * 1_000_000_000 + Int64(now.tv_nsec) + attoseconds / 1_000_000_000
    }
}
