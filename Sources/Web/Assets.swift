internal import CAssets
import HTTPServer
import Kernel

/// The files that pages need, embedded in the program: style, scripts, Swagger UI.
///
/// Their addresses carry one hash over all of them, so that modules can import each other by relative address and a
/// browser may keep them for a year.
package enum Assets {
    private struct File: Sendable {
        let bytes: [UInt8]
        let gzip: [UInt8]?
        let contentType: String
        let etag: String
    }

    private static let files: [String: File] = readAll()

    /// Sixteen characters that change when any file changes.
    package static let version = String(
        Digest.sha256(names.flatMap { Array($0.utf8) + (files[$0]?.bytes ?? []) }).hexadecimal.prefix(16)
    )

    /// Every file's name, sorted.
    package static var names: [String] { files.keys.sorted() }

    /// The address of a file. A name that is not embedded stops the program: pages are written by us.
    package static func url(_ name: String) -> String {
        precondition(files[name] != nil, "no such asset: \(name)")
        return "/assets/\(version)/\(name)"
    }

    /// Adds the addresses of all assets and of the icon.
    package static func addRoutes(to router: inout Router) {
        router.get("/assets/{version}/{name}", serve)
        router.get("/favicon.ico") { _ in .redirect(to: url("favicon.svg"), status: 307) }
    }

    /// The contract of the HTTP interface, `docs/openapi.yaml`.
    package static let openAPI = String(
        decoding: UnsafeBufferPointer(start: cassets_openapi, count: cassets_openapi_count),
        as: UTF8.self,
    )

    /// `GET /assets/{version}/{name}`: the file; a page of an earlier version gets it too, but may not keep it.
    private static func serve(_ request: Request) async throws -> Response {
        guard let file = files[try request.path("name", as: String.self)] else { throw HTTPError.notFound }
        let isCurrent = try request.path("version", as: String.self) == version
        let takesGzip = file.gzip != nil && request.headers.listContains("Accept-Encoding", "gzip")
        var response = Response.content(
            takesGzip ? file.gzip ?? [] : file.bytes,
            request: request,
            contentType: file.contentType,
            cacheControl: isCurrent ? "public, max-age=31536000, immutable" : "no-cache",
            etag: takesGzip ? "\"\(file.etag)-gzip\"" : "\"\(file.etag)\"",
        )
        if file.gzip != nil { response.headers["Vary"] = "Accept-Encoding" }
        if takesGzip, response.status != 304 { response.headers["Content-Encoding"] = "gzip" }
        return response
    }

    private static func readAll() -> [String: File] {
        var all: [String: File] = [:]
        for asset in UnsafeBufferPointer(start: cassets_files, count: cassets_count) {
            let name = String(cString: asset.name)
            let bytes = Array(UnsafeBufferPointer(start: asset.bytes, count: asset.count))
            all[name] = File(
                bytes: bytes,
                gzip: asset.gzip.map { Array(UnsafeBufferPointer(start: $0, count: asset.gzip_count)) },
                contentType: contentType(of: name),
                etag: String(Digest.sha256(bytes).hexadecimal.prefix(32)),
            )
        }
        return all
    }

    private static func contentType(of name: String) -> String {
        switch name.split(separator: ".").last {
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        default: "application/octet-stream"
        }
    }
}
