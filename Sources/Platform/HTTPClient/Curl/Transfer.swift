internal import CCurl
import Synchronization

/// One exchange with a server, from the first byte to the last.
///
/// Sendable because everything that changes is touched by the client's thread only, once the transfer has been handed
/// to it; the flag that crosses threads is atomic.
final class Transfer: @unchecked Sendable {
    typealias Continuation = CheckedContinuation<Result<HTTPResponse, HTTPClientError>, Never>

    let request: HTTPRequest
    /// Set before the thread is told, so that a transfer that is cancelled before it began never begins.
    let isCancelled = Atomic(false)

    /// The handle while the transfer runs.
    var easy: UnsafeMutableRawPointer?
    /// Whether it has a connection and is about to send.
    var hasConnection = false
    private(set) var isOver = false
    /// Whether it waits for its turn to look for a connection.
    var isInLine = false
    /// What libcurl reads while the transfer runs.
    var headerList: UnsafeMutablePointer<curl_slist>?
    var form: OpaquePointer?
    var sources: [UploadSource] = []
    /// Whether a connection was refused because of its address.
    var metForbiddenAddress = false
    /// Where the transfer may connect to.
    var destinations = HTTPDestinations.anywhere

    private var continuation: Continuation?
    private var channel: BodyChannel?
    private var status = 0
    private var headers = HTTPHeaders()
    private var headerBytes = 0
    private var isHeadComplete = false
    private var body: [UInt8] = []
    private var received = 0
    private var sent = 0
    private var problem: HTTPClientError?

    init(_ request: HTTPRequest) { self.request = request }

    /// The answer will be collected.
    func begin(collecting continuation: Continuation) { self.continuation = continuation }

    /// The head goes to `continuation`, the body into `channel`.
    func begin(streaming continuation: Continuation, into channel: BodyChannel) {
        self.continuation = continuation
        self.channel = channel
    }

    /// Ends the exchange; the first call counts.
    ///
    /// - Parameter error: `nil` when the answer is whole.
    func finish(_ error: HTTPClientError?) {
        isOver = true
        // libcurl takes a connection that ends within the head for the end of an answer without a body.
        let isCut = error == nil && status > 0 && !isHeadComplete
        let error = isCut ? .interrupted(reason: "the answer's head is cut") : error.map { problem ?? $0 }
        if let error { resume(.failure(error)) } else { resumeWithResponse() }
        channel?.finish(error)
        channel = nil
        release()
    }

    /// Takes a line of a head: a status line, a field, or the empty line at the end.
    func receive(header line: UnsafeRawBufferPointer) -> Bool {
        headerBytes += line.count
        guard headerBytes <= 256 << 10 else { return fail(.interrupted(reason: "the answer's head is too long")) }
        let text = String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            headers = HTTPHeaders()
            isHeadComplete = false
        } else if let colon = text.firstIndex(of: ":") {
            headers.append(trimmed(text[..<colon]), trimmed(text[text.index(after: colon)...]))
        } else if text == "\r\n" || text == "\n" {
            isHeadComplete = true
            if channel != nil, isHeadFinal { resumeWithResponse() }
        }
        return true
    }

    /// - Returns: The bytes taken, or what tells libcurl to pause or to end the transfer.
    func receive(body bytes: UnsafeRawBufferPointer) -> Int {
        guard received + bytes.count <= request.maxResponseBytes else {
            _ = fail(.tooLarge(limit: request.maxResponseBytes))
            return 0
        }
        if let channel {
            resumeWithResponse()
            guard channel.write(bytes) else { return Int(CURL_WRITEFUNC_PAUSE) }
        } else {
            body.append(contentsOf: bytes)
        }
        received += bytes.count
        return bytes.count
    }

    func uploaded(_ count: Int, of total: Int) {
        guard count > sent else { return }
        sent = count
        request.onUploadProgress?(count, total)
    }

    /// Whether the transfer may connect there. After one refusal every other address of the name is refused too: a
    /// name that leads both inside and outside is no honest one.
    func mayConnect(to address: IPAddress?) -> Bool {
        if !(address.map(destinations.allows) ?? false) { metForbiddenAddress = true }
        return !metForbiddenAddress
    }

    private var isHeadFinal: Bool {
        guard status >= 200 else { return false }
        guard case .follow = request.redirects, request.followsRedirects else { return true }
        return ![301, 302, 303, 307, 308].contains(status) || headers["Location"] == nil
    }

    private func fail(_ error: HTTPClientError) -> Bool {
        if problem == nil { problem = error }
        return false
    }

    private func resumeWithResponse() {
        guard continuation != nil else { return }
        resume(.success(HTTPResponse(status: status, headers: headers, body: body, url: effectiveURL)))
        body = []
    }

    private var effectiveURL: String {
        var text: UnsafePointer<CChar>?
        guard let easy, ccurl_get_string(easy, CURLINFO_EFFECTIVE_URL, &text) == CURLE_OK, let text else {
            return request.url
        }
        return String(cString: text)
    }

    private func resume(_ result: Result<HTTPResponse, HTTPClientError>) {
        continuation?.resume(returning: result)
        continuation = nil
    }

    private func release() {
        // One that was refused never got to the client's thread, which may look at these to cancel it.
        guard easy != nil || headerList != nil || form != nil || !sources.isEmpty else { return }
        curl_slist_free_all(headerList)
        curl_mime_free(form)
        (headerList, form, sources, easy) = (nil, nil, [], nil)
    }
}

extension Transfer {
    /// What libcurl hands to callbacks; the loop holds the transfer for as long as it may.
    var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }
}

private func trimmed(_ text: Substring) -> String {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r\n" || $0 == "\n" || $0 == "\r" }
    let start = text.drop(while: isSpace)
    guard let last = start.lastIndex(where: { !isSpace($0) }) else { return "" }
    return String(start[...last])
}
