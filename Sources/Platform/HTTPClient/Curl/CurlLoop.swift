internal import CCurl
internal import CLinux
import Glibc
import Kernel
import Synchronization

/// The thread that drives every transfer of a client with libcurl's multi interface.
final class CurlLoop: Sendable {
    private enum Command {
        case start(Transfer)
        case cancel(Transfer)
        case resume(Transfer)
        case stop
    }

    private struct Mailbox {
        var commands: [Command] = []
        /// Transfers under way or in the mailbox.
        var transfers = 0
        /// The thread has ended: nobody reads, and the multi handle is gone.
        var isClosed = false
    }

    private let mailbox = Mutex(Mailbox())
    private let multi: MultiHandle
    private let settings: HTTPClientSettings

    init(_ settings: HTTPClientSettings) {
        self.settings = settings
        multi = MultiHandle(settings)
        startThread(name: "http-client") { [self] in run() }
    }

    /// Begins the transfer, or ends it with an error when there are too many.
    func start(_ transfer: Transfer) {
        let isTaken = mailbox.withLock { mailbox in
            guard !mailbox.isClosed, mailbox.transfers < settings.maxRequests else { return false }
            mailbox.transfers += 1
            post(.start(transfer), in: &mailbox)
            return true
        }
        if !isTaken { transfer.finish(.busy) }
    }

    func cancel(_ transfer: Transfer) {
        transfer.isCancelled.store(true, ordering: .sequentiallyConsistent)
        mailbox.withLock { post(.cancel(transfer), in: &$0) }
    }

    /// Goes on with a transfer whose reader has room again.
    func resume(_ transfer: Transfer) {
        mailbox.withLock { post(.resume(transfer), in: &$0) }
    }

    /// Ends every transfer and the thread.
    func stop() {
        mailbox.withLock { post(.stop, in: &$0) }
    }

    /// Wakes the thread once for many commands. Under the lock, so that the handle cannot go meanwhile.
    private func post(_ command: Command, in mailbox: inout Mailbox) {
        guard !mailbox.isClosed else { return }
        mailbox.commands.append(command)
        if mailbox.commands.count == 1 { multi.wake() }
    }

    private func run() {
        // A peer that closes while TLS writes must not end the process.
        var signals = sigset_t()
        sigfillset(&signals)
        pthread_sigmask(SIG_SETMASK, &signals, nil)
        let watch = CurlWatch(multi.pointer, bell: multi.bell)
        var transfers = CurlTransfers(multi: multi.pointer, watch: watch, settings: settings) { [self] in
            mailbox.withLock { $0.transfers -= 1 }
        }
        while obey(&transfers) {
            // Before the wait: nobody rings for those that stand in line.
            transfers.beginNext()
            transfers.perform(watch.wait())
        }
        transfers.end()
        // libcurl tells the watch about the connections that it closes.
        withExtendedLifetime(watch) { multi.close() }
    }

    /// Does what the mailbox says.
    ///
    /// - Returns: `false` when the thread shall end.
    private func obey(_ transfers: inout CurlTransfers) -> Bool {
        let commands = mailbox.withLock { mailbox in
            defer { mailbox.commands = [] }
            return mailbox.commands
        }
        var goesOn = true
        for command in commands {
            switch command {
            case .start(let transfer): transfers.start(transfer)
            case .cancel(let transfer): transfers.cancel(transfer)
            case .resume(let transfer): transfers.resume(transfer)
            case .stop: goesOn = false
            }
        }
        if !goesOn { closeMailbox() }
        return goesOn
    }

    /// Whatever came into the mailbox after the last reading is ended here: nobody will read it again.
    private func closeMailbox() {
        let late = mailbox.withLock { mailbox in
            mailbox.isClosed = true
            return mailbox.commands
        }
        for case .start(let transfer) in late { transfer.finish(.cancelled) }
    }
}

/// The multi handle. Sendable because other threads only ring its bell; everything else is called by the loop's thread.
private final class MultiHandle: @unchecked Sendable {
    private static let isReady = startCurl()

    let pointer: UnsafeMutableRawPointer
    let bell = clinux_eventfd()

    init(_ settings: HTTPClientSettings) {
        guard Self.isReady, let pointer = curl_multi_init() else { preconditionFailure("libcurl does not start") }
        precondition(bell >= 0, "no file descriptor is left")
        self.pointer = pointer
        ccurl_multi_set_long(pointer, CURLMOPT_MAX_HOST_CONNECTIONS, settings.connectionsPerHost)
        // Fewer than are in use make libcurl 7.88 close and stall under tens of thousands of shared calls (seen with 256).
        ccurl_multi_set_long(pointer, CURLMOPT_MAXCONNECTS, 2048)
    }

    func wake() { clinux_eventfd_signal(bell) }

    func close() {
        curl_multi_cleanup(pointer)
        Glibc.close(bell)
    }
}
