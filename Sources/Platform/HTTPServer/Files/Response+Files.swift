import Kernel

/// How a browser treats a file that it downloads.
package enum Disposition: String, Sendable {
    case attachment, inline
}

extension Response {
    /// A file from disk, sent by the kernel: with strong `ETag`, `Range` (206, 416, `If-Range`) and 304.
    ///
    /// `etag` stands with its quotes; `nil` makes one of size and time of change. `filename` is what a saved copy is
    /// called, in any script. Throws ``HTTPError/notFound`` when there is no file that can be read.
    package static func file(
        path: String,
        request: Request,
        contentType: String,
        cacheControl: String = "no-cache",
        etag: String? = nil,
        filename: String? = nil,
        disposition: Disposition = .inline,
    ) throws -> Response {
        let file = try OpenFile(path: path)
        let tag = etag ?? "\"\(String(file.size, radix: 36))-\(String(file.modifiedNanoseconds, radix: 36))\""
        var headers: Headers = ["Content-Type": contentType, "Cache-Control": cacheControl, "ETag": tag]
        headers["Last-Modified"] = file.modified.httpDate
        if let filename {
            headers["Content-Disposition"] = contentDisposition(disposition, filename)
        }
        return partial(request, headers, Conditions(etag: tag, modified: file.modified), length: file.size) { range in
            .file(FileBody(file: file, offset: range.lowerBound, length: range.count))
        }
    }

    /// Bytes in memory with everything that ``file(path:request:contentType:cacheControl:etag:filename:disposition:)``
    /// does.
    package static func content(
        _ bytes: [UInt8],
        request: Request,
        contentType: String,
        cacheControl: String = "no-cache",
        etag: String,
        filename: String? = nil,
        disposition: Disposition = .inline,
    ) -> Response {
        var headers: Headers = ["Content-Type": contentType, "Cache-Control": cacheControl, "ETag": etag]
        if let filename { headers["Content-Disposition"] = contentDisposition(disposition, filename) }
        return partial(request, headers, Conditions(etag: etag, modified: nil), length: bytes.count) { range in
            .bytes(range.count == bytes.count ? bytes : Array(bytes[range]))
        }
    }

    private static func partial(
        _ request: Request,
        _ headers: Headers,
        _ conditions: Conditions,
        length: Int,
        _ body: (Range<Int>) -> ResponseBody,
    ) -> Response {
        var headers = headers
        headers["Accept-Ranges"] = "bytes"
        if request.method.isSafe, conditions.isUnchanged(for: request) {
            headers.removeAll("Content-Type")
            headers.removeAll("Content-Disposition")
            return Response(status: 304, headers: headers)
        }
        let wantsRange = request.method == .get && conditions.allowsRange(for: request)
        switch ByteRange(wantsRange ? request.headers["Range"] : nil, length: length) {
        case .whole: return Response(headers: headers, body: body(0..<length))
        case .part(let range):
            headers["Content-Range"] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(length)"
            return Response(status: 206, headers: headers, body: body(range))
        case .unsatisfiable:
            return Response(status: 416, headers: ["Content-Range": "bytes */\(length)", "Accept-Ranges": "bytes"])
        }
    }
}

/// The value of `Content-Disposition`: the file's name in ASCII and, where that loses something, in UTF-8 (RFC 6266,
/// appendix D).
package func contentDisposition(_ disposition: Disposition, _ filename: String) -> String {
    func isPlain(_ byte: UInt8) -> Bool {
        (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
            && byte != UInt8(ascii: "%")
    }
    let plain = filename.unicodeScalars.map { $0.isASCII && isPlain(UInt8($0.value)) ? String($0) : "_" }.joined()
    let value = "\(disposition.rawValue); filename=\"\(plain)\""
    guard plain != filename else { return value }
    let encoded = filename.utf8.map { byte in
        isTokenByte(byte) && byte != UInt8(ascii: "%") && byte != UInt8(ascii: "*") && byte != UInt8(ascii: "'")
            ? String(UnicodeScalar(byte)) : "%" + [byte].hexadecimal.uppercased()
    }
    return value + "; filename*=UTF-8''" + encoded.joined()
}
