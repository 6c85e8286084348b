internal import CCurl
import Synchronization

/// The transfers that run now and the handles that wait for the next ones. Belongs to the loop's thread.
struct CurlTransfers {
    private let multi: UnsafeMutableRawPointer
    private let watch: CurlWatch
    private let settings: HTTPClientSettings
    /// Called before the caller of a transfer learns of its end, so that its place is free when it sends again.
    private let willFinish: () -> Void
    private var running: [UnsafeMutableRawPointer: Transfer] = [:]
    private var spare: [UnsafeMutableRawPointer] = []
    private var line = OpeningLine()

    init(
        multi: UnsafeMutableRawPointer,
        watch: CurlWatch,
        settings: HTTPClientSettings,
        willFinish: @escaping () -> Void,
    ) {
        self.multi = multi
        self.watch = watch
        self.settings = settings
        self.willFinish = willFinish
    }

    /// Begins the transfer, or puts it in line where it shall share a connection.
    mutating func start(_ transfer: Transfer) {
        if transfer.request.sharesConnection { line.add(transfer) } else { begin(transfer) }
    }

    private mutating func begin(_ transfer: Transfer) {
        if transfer.isCancelled.load(ordering: .sequentiallyConsistent) {
            willFinish()
            return transfer.finish(.cancelled)
        }
        guard let easy = spare.popLast() ?? curl_easy_init() else { preconditionFailure("out of memory") }
        do throws(HTTPClientError) {
            try TransferSetup(easy: easy, transfer: transfer, settings: settings).apply()
        } catch {
            willFinish()
            transfer.finish(error)
            return recycle(easy)
        }
        transfer.easy = easy
        running[easy] = transfer
        curl_multi_add_handle(multi, easy)
    }

    mutating func cancel(_ transfer: Transfer) {
        guard let easy = transfer.easy, running[easy] === transfer else {
            if line.remove(transfer) {
                willFinish()
                transfer.finish(.cancelled)
            }
            return
        }
        finish(easy, .cancelled)
    }

    func resume(_ transfer: Transfer) {
        guard let easy = transfer.easy, running[easy] === transfer else { return }
        curl_easy_pause(easy, CURLPAUSE_CONT)
    }

    /// Moves bytes where it can be done without waiting.
    mutating func perform(_ events: [CurlWatch.Event]) {
        var count: Int32 = 0
        for event in events { curl_multi_socket_action(multi, event.socket, event.mask, &count) }
        if watch.takeAlarm() { curl_multi_socket_action(multi, ccurl_no_socket(), 0, &count) }
        settle()
    }

    /// Begins those whose turn it is in the line. The first ones find their connection at once where one is open; then
    /// there is room for the next.
    mutating func beginNext() {
        var count: Int32 = 0
        while case let turns = line.next(), !turns.isEmpty {
            for transfer in turns { begin(transfer) }
            curl_multi_socket_action(multi, ccurl_no_socket(), 0, &count)
            settle()
        }
    }

    /// Finishes what has come to its end.
    private mutating func settle() {
        var rest: Int32 = 0
        while let message = curl_multi_info_read(multi, &rest) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            finish(easy, error(of: ccurl_result(message), running[easy]))
        }
    }

    /// Ends everything; the value is of no use afterwards.
    mutating func end() {
        for easy in Array(running.keys) { finish(easy, .cancelled) }
        for transfer in line.removeAll() {
            willFinish()
            transfer.finish(.cancelled)
        }
        for easy in spare { curl_easy_cleanup(easy) }
        spare = []
    }

    private mutating func finish(_ easy: UnsafeMutableRawPointer, _ error: HTTPClientError?) {
        let transfer = running.removeValue(forKey: easy)
        curl_multi_remove_handle(multi, easy)
        willFinish()
        transfer?.finish(error)
        recycle(easy)
    }

    private mutating func recycle(_ easy: UnsafeMutableRawPointer) {
        guard spare.count < 256 else { return curl_easy_cleanup(easy) }
        curl_easy_reset(easy)
        spare.append(easy)
    }

    private func error(of code: CURLcode, _ transfer: Transfer?) -> HTTPClientError? {
        if code == CURLE_OK { return nil }
        if transfer?.metForbiddenAddress == true { return .forbiddenAddress }
        let reason = String(cString: curl_easy_strerror(code))
        switch code {
        case CURLE_URL_MALFORMAT: return .badRequest(reason: reason)
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT: return .unreachable(reason: reason)
        case CURLE_OPERATION_TIMEDOUT: return .timedOut
        case CURLE_TOO_MANY_REDIRECTS: return .tooManyRedirects
        case CURLE_FILESIZE_EXCEEDED: return .tooLarge(limit: transfer?.request.maxResponseBytes ?? 0)
        case CURLE_ABORTED_BY_CALLBACK, CURLE_READ_ERROR: return .unreadableBody
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
            return .insecure(reason: reason)
        default: return .interrupted(reason: reason)
        }
    }
}
