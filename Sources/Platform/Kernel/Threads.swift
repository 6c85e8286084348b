internal import CLinux
import Glibc

/// Starts a detached thread that runs `body` once. `top -H` and debuggers show the first 15 bytes of its name.
package func startThread(name: String, _ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(ThreadStart(name: name, body: body))
    var thread = pthread_t()
    let code = pthread_create(
        &thread,
        nil,
        { context in
            guard let context else { return nil }
            let start = Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue()
            clinux_set_thread_name(String(start.name.prefix(15)))
            start.body()
            return nil
        },
        box.toOpaque(),
    )
    precondition(code == 0, "pthread_create failed with \(code): the process has no room for another thread")
    pthread_detach(thread)
}

private final class ThreadStart: Sendable {
    let name: String
    let body: @Sendable () -> Void
    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

/// A counting semaphore for threads (not for tasks, which must never block).
package final class Semaphore: @unchecked Sendable {
    // Sendable because sem_t is made for use by several threads; the pointer never changes.
    private let pointer: UnsafeMutablePointer<sem_t>

    package init(_ value: UInt32 = 0) {
        pointer = .allocate(capacity: 1)
        sem_init(pointer, 0, value)
    }

    deinit {
        sem_destroy(pointer)
        pointer.deallocate()
    }

    /// Blocks the thread until a signal is there, and takes it.
    package func wait() {
        while sem_wait(pointer) != 0 {}
    }

    /// Like ``wait()``, but gives up after `limit`; a signal that comes later stays for the next wait.
    package func wait(atMost limit: Duration) {
        _ = clinux_semaphore_wait(pointer, Int64(limit / .nanoseconds(1)))
    }

    /// Lets one waiting thread go on, or the next that waits.
    package func signal() { sem_post(pointer) }
}
