internal import CCurl
import Glibc
import Kernel
import Telemetry

/// Tells a libcurl handle what to do. The handle is fresh or was reset.
struct TransferSetup {
    let easy: UnsafeMutableRawPointer
    let transfer: Transfer
    let settings: HTTPClientSettings

    private var request: HTTPRequest { transfer.request }

    func apply() throws(HTTPClientError) {
        string(CURLOPT_URL, request.url)
        setLimits()
        setConnection()
        setRedirects()
        try setBody()
        setHeaders()
        setCallbacks()
    }

    private func setLimits() {
        long(CURLOPT_NOSIGNAL, 1)
        long(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request.timeouts.connect))
        if let total = request.timeouts.total { long(CURLOPT_TIMEOUT_MS, milliseconds(total)) }
        if let idle = request.timeouts.idle {
            long(CURLOPT_LOW_SPEED_LIMIT, 1)
            long(CURLOPT_LOW_SPEED_TIME, (milliseconds(idle) + 999) / 1000)
        }
        // A longer body is refused at its Content-Length; without one, while it comes. HEAD only tells a length.
        if request.method != .head {
            ccurl_set_offset(easy, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(max(1, request.maxResponseBytes)))
        }
    }

    private func setConnection() {
        string(CURLOPT_PROTOCOLS_STR, "http,https")
        // An empty text switches off the proxies that the environment names.
        string(CURLOPT_PROXY, "")
        long(CURLOPT_TCP_KEEPALIVE, 1)
        if request.sharesConnection {
            setConnectionCallback()
            // Kept for as long as an answer is waited for.
            long(CURLOPT_BUFFERSIZE, 2048)
        }
        if let file = settings.certificateFile { string(CURLOPT_CAINFO, file) }
    }

    private func setConnectionCallback() {
        ccurl_on_connection(
            easy,
            { context, _, _, _, _ in
                Transfer.from(context)?.hasConnection = true
                return CURL_PREREQFUNC_OK
            },
            transfer.context,
        )
    }

    private func setRedirects() {
        guard case .follow(let count) = request.redirects, request.followsRedirects else { return }
        long(CURLOPT_FOLLOWLOCATION, 1)
        long(CURLOPT_MAXREDIRS, max(0, count))
        string(CURLOPT_REDIR_PROTOCOLS_STR, request.url.lowercased().hasPrefix("https:") ? "https" : "http,https")
    }

    private func setBody() throws(HTTPClientError) {
        switch (request.body, request.method) {
        case (.none, .get): long(CURLOPT_HTTPGET, 1)
        case (.none, .head): long(CURLOPT_NOBODY, 1)
        case (.none, .delete): string(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        case (.none, _): setUpload(UploadSource([]))
        case (.bytes(let bytes), _): setUpload(UploadSource(bytes))
        case (.file(let path), _): setUpload(try UploadSource(path: path))
        case (.fileRange(let path, let range), _): setUpload(try UploadSource(path: path, range: range))
        case (.multipart(let parts), _): try setForm(parts)
        }
    }

    /// libcurl's upload is a PUT; the method is only another word in its first line.
    private func setUpload(_ source: UploadSource) {
        transfer.sources = [source]
        long(CURLOPT_UPLOAD, 1)
        string(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        ccurl_set_offset(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(source.size))
        // The buffer lives as long as the call; most bodies are small, and calls of models take a minute.
        long(
            CURLOPT_UPLOAD_BUFFERSIZE,
            source.size > 1 << 20 ? 256 << 10 : source.size > 16 << 10 ? 64 << 10 : 16 << 10,
        )
        ccurl_on_read(easy, readSource, source.context)
        ccurl_on_seek(easy, seekSource, source.context)
    }

    private func setForm(_ parts: [HTTPFormPart]) throws(HTTPClientError) {
        transfer.form = curl_mime_init(easy)
        for part in parts {
            let source: UploadSource
            switch part.content {
            case .bytes(let bytes): source = UploadSource(bytes)
            case .file(let path): source = try UploadSource(path: path)
            }
            transfer.sources.append(source)
            let entry = curl_mime_addpart(transfer.form)
            curl_mime_name(entry, part.name)
            curl_mime_data_cb(entry, curl_off_t(source.size), readSource, seekSource, nil, source.context)
            if let filename = part.filename { curl_mime_filename(entry, filename) }
            if let type = part.contentType { curl_mime_type(entry, type) }
        }
        ccurl_set_mime(easy, transfer.form)
        if request.method != .post { string(CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
        long(CURLOPT_UPLOAD_BUFFERSIZE, 256 << 10)
    }

    private func setHeaders() {
        var lines = request.headers.fields.map { field in
            // libcurl's way to say that the value is empty; with a colon it would drop the header.
            field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)"
        }
        if request.headers["User-Agent"] == nil { lines.append("User-Agent: \(settings.userAgent)") }
        // Without this, libcurl asks before it sends a long body, and waits a second where nobody answers.
        if request.headers["Expect"] == nil { lines.append("Expect:") }
        if request.headers["Accept"] == nil { lines.append("Accept: */*") }
        if let trace = request.trace { lines.append("traceparent: \(trace.traceparent)") }
        for line in lines { transfer.headerList = curl_slist_append(transfer.headerList, line) }
        ccurl_set_headers(easy, transfer.headerList)
    }

    private func setCallbacks() {
        ccurl_on_header(
            easy,
            { bytes, size, count, context in
                guard let transfer = Transfer.from(context) else { return 0 }
                let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
                return transfer.receive(header: line) ? line.count : 0
            },
            transfer.context,
        )
        ccurl_on_write(
            easy,
            { bytes, size, count, context in
                Transfer.from(context)?.receive(body: UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
            },
            transfer.context,
        )
        if settings.destinations != .anywhere {
            transfer.destinations = settings.destinations
            ccurl_on_open_socket(easy, openSocket, transfer.context)
        }
        if request.onUploadProgress != nil {
            ccurl_on_progress(
                easy,
                { context, _, _, total, sent in
                    Transfer.from(context)?.uploaded(Int(sent), of: Int(total))
                    return 0
                },
                transfer.context,
            )
        }
    }

    private func long(_ option: CURLoption, _ value: Int) { ccurl_set_long(easy, option, value) }

    private func string(_ option: CURLoption, _ value: String) { ccurl_set_string(easy, option, value) }
}

extension HTTPRequest {
    /// A body would have to be sent again, and a POST would silently become a GET.
    var followsRedirects: Bool {
        guard case .none = body else { return false }
        return method == .get || method == .head
    }
}

/// libcurl takes 0 as "no limit", so nothing is rounded down to it.
private func milliseconds(_ duration: Duration) -> Int { Int(max(1, duration.milliseconds)) }

private func readSource(
    _ buffer: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?,
) -> Int {
    UploadSource.from(context)?.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
        ?? Int(CURL_READFUNC_ABORT)
}

private func seekSource(_ context: UnsafeMutableRawPointer?, _ offset: curl_off_t, _ origin: Int32) -> Int32 {
    guard origin == SEEK_SET, UploadSource.from(context)?.seek(to: Int(offset)) == true else {
        return CURL_SEEKFUNC_FAIL
    }
    return CURL_SEEKFUNC_OK
}

/// Makes the socket of a connection when its address is allowed.
private func openSocket(
    _ context: UnsafeMutableRawPointer?,
    _ purpose: curlsocktype,
    _ address: UnsafeMutablePointer<curl_sockaddr>?,
) -> curl_socket_t {
    guard let address, let transfer = Transfer.from(context) else { return ccurl_no_socket() }
    let target = withUnsafePointer(to: address.pointee.addr) { IPAddress($0) }
    guard transfer.mayConnect(to: target) else { return ccurl_no_socket() }
    let type = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
    return socket(address.pointee.family, type, address.pointee.protocol)
}
