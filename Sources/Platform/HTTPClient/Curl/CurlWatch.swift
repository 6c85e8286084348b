internal import CCurl
internal import CLinux
import Glibc

/// Waits for the sockets and the moment that libcurl names, so that a turn of the loop costs what happens in it and not
/// what is under way. Belongs to the loop's thread; only the bell is rung by others.
final class CurlWatch {
    /// A socket that can be read or written, in libcurl's words.
    struct Event {
        let socket: Int32
        let mask: Int32
    }

    private static let bellMark = UInt64.max
    private static let capacity = 256

    private let epoll: Int32
    private let bell: Int32
    /// What each socket is waited for.
    private var watched: [Int32: UInt32] = [:]
    private var alarm: ContinuousClock.Instant?
    private let found = UnsafeMutableBufferPointer<clinux_event>.allocate(capacity: capacity)

    /// `bell` ends a wait when it rings.
    init(_ multi: UnsafeMutableRawPointer, bell: Int32) {
        epoll = clinux_epoll_create()
        self.bell = bell
        precondition(epoll >= 0, "no file descriptor is left")
        clinux_epoll_add(epoll, bell, CLINUX_READABLE, Self.bellMark)
        let context = Unmanaged.passUnretained(self).toOpaque()
        ccurl_multi_on_socket(
            multi,
            { _, socket, what, context, _ in
                CurlWatch.from(context)?.watch(socket, what)
                return 0
            },
            context,
        )
        ccurl_multi_on_timer(
            multi,
            { _, milliseconds, context in
                CurlWatch.from(context)?.setAlarm(milliseconds)
                return 0
            },
            context,
        )
    }

    deinit {
        found.deallocate()
        close(epoll)
    }

    /// Whether libcurl's moment has come. It is asked for once.
    func takeAlarm() -> Bool {
        guard let due = alarm, due <= .now else { return false }
        alarm = nil
        return true
    }

    /// Returns when a socket is ready, the moment has come, or the bell has rung.
    func wait() -> [Event] {
        let count = clinux_epoll_wait(epoll, found.baseAddress, Int32(Self.capacity), milliseconds)
        return found.prefix(max(0, Int(count))).compactMap { event in
            guard event.data != Self.bellMark else {
                clinux_eventfd_clear(bell)
                return nil
            }
            var mask: Int32 = 0
            if event.events & (CLINUX_READABLE | CLINUX_HANG_UP) != 0 { mask |= CURL_CSELECT_IN }
            if event.events & CLINUX_WRITABLE != 0 { mask |= CURL_CSELECT_OUT }
            if event.events & CLINUX_ERROR != 0 { mask |= CURL_CSELECT_ERR }
            return Event(socket: Int32(truncatingIfNeeded: event.data), mask: mask)
        }
    }

    private var milliseconds: Int32 {
        guard let alarm else { return 60_000 }
        let rest = alarm - .now
        return rest <= .zero ? 0 : Int32(min(60_000, rest / .milliseconds(1) + 1))
    }

    private func watch(_ socket: Int32, _ what: Int32) {
        let wanted: UInt32 =
            switch what {
            case CURL_POLL_IN: CLINUX_READABLE
            case CURL_POLL_OUT: CLINUX_WRITABLE
            case CURL_POLL_INOUT: CLINUX_READABLE | CLINUX_WRITABLE
            default: 0
            }
        guard watched[socket] ?? 0 != wanted else { return }
        if watched.removeValue(forKey: socket) != nil { clinux_epoll_remove(epoll, socket) }
        guard wanted != 0 else { return }
        watched[socket] = wanted
        clinux_epoll_add(epoll, socket, wanted, UInt64(UInt32(bitPattern: socket)))
    }

    private func setAlarm(_ milliseconds: Int) {
        alarm = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> CurlWatch? {
        context.map { Unmanaged<CurlWatch>.fromOpaque($0).takeUnretainedValue() }
    }
}
