internal import CCurl
import Synchronization

/// The transfers that run now and the handles that wait for the next ones. Belongs to the loop's thread.
struct CurlTransfers {
    private let multi: UnsafeMutableRawPointer
    private let settings: HTTPClientSettings
    private var running: [UnsafeMutableRawPointer: Transfer] = [:]
    private var spare: [UnsafeMutableRawPointer] = []

    init(multi: UnsafeMutableRawPointer, settings: HTTPClientSettings) {
        self.multi = multi
        self.settings = settings
    }

    /// - Returns: `false` when the transfer has ended already.
    mutating func start(_ transfer: Transfer) -> Bool {
        if transfer.isCancelled.load(ordering: .sequentiallyConsistent) {
            transfer.finish(.cancelled)
            return false
        }
        guard let easy = spare.popLast() ?? curl_easy_init() else { preconditionFailure("out of memory") }
        do throws(HTTPClientError) {
            try TransferSetup(easy: easy, transfer: transfer, settings: settings).apply()
        } catch {
            transfer.finish(error)
            recycle(easy)
            return false
        }
        transfer.easy = easy
        running[easy] = transfer
        curl_multi_add_handle(multi, easy)
        return true
    }

    /// - Returns: Whether the transfer was running.
    mutating func cancel(_ transfer: Transfer) -> Bool {
        guard let easy = transfer.easy, running[easy] === transfer else { return false }
        finish(easy, .cancelled)
        return true
    }

    func resume(_ transfer: Transfer) {
        guard let easy = transfer.easy, running[easy] === transfer else { return }
        curl_easy_pause(easy, CURLPAUSE_CONT)
    }

    /// Moves bytes wherever it can be done without waiting.
    ///
    /// - Returns: How many transfers have ended.
    mutating func perform() -> Int {
        var count: Int32 = 0
        curl_multi_perform(multi, &count)
        var finished = 0
        var rest: Int32 = 0
        while let message = curl_multi_info_read(multi, &rest) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            finish(easy, error(of: ccurl_result(message), running[easy]))
            finished += 1
        }
        return finished
    }

    /// Ends everything; the value is of no use afterwards.
    mutating func end() {
        for easy in Array(running.keys) { finish(easy, .cancelled) }
        for easy in spare { curl_easy_cleanup(easy) }
        spare = []
    }

    private mutating func finish(_ easy: UnsafeMutableRawPointer, _ error: HTTPClientError?) {
        let transfer = running.removeValue(forKey: easy)
        curl_multi_remove_handle(multi, easy)
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
