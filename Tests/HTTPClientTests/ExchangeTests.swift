import FoundationEssentials
import HTTPServer
import Kernel
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import HTTPClient

@Suite(.timeLimit(.minutes(5))) struct ExchangeTests {
    private let client = HTTPClient()

    private static func echo(_ router: inout Router) {
        for method in [HTTPServer.Method.get, .post, .put, .patch, .delete] {
            router.add(method, "/", limits: .upload(maxBytes: 100 << 20)) { request in
                let body = try await request.body.collect(upTo: .max)
                let type = request.headers["Content-Type"] ?? "-"
                return .text(
                    "\(request.method) \(type) \(body.count) " + String(decoding: body.prefix(40), as: UTF8.self)
                )
            }
        }
    }

    @Test func `every method arrives with its body`() async throws {
        try await withServer(Self.echo) { url in
            for method in HTTPMethod.allCases where method != .head {
                let body: HTTPRequestBody = method == .get ? .none : .bytes(Array("hello".utf8))
                let response = try await client.send(HTTPRequest(method, url + "/", body: body))
                #expect(response.status == 200)
                #expect(response.text == "\(method.rawValue) - \(method == .get ? "0 " : "5 hello")")
                #expect(response.url == url + "/")
            }
            let head = try await client.send(HTTPRequest(.head, url + "/"))
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            let empty = try await client.send(HTTPRequest(.post, url + "/"))
            #expect(empty.text == "POST - 0 ")
            let json = try await client.send(.json(.post, url + "/", ["a": 1]))
            #expect(json.text == "POST application/json 7 {\"a\":1}")
        }
    }

    @Test func `requests that share connections all arrive, also many at once`() async throws {
        try await withServer(Self.echo) { url in
            let texts = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<100 {
                    group.addTask { [client] in
                        var request = HTTPRequest(.post, url + "/", body: .bytes(Array("\(number)".utf8)))
                        request.sharesConnection = true
                        return try await client.send(request).text
                    }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(texts.count == 100)
        }
    }

    @Test func `a request tells the other server of its trace when it is asked to`() async throws {
        let context = try #require(
            TraceContext(traceparent: "00-\(String(repeating: "ab", count: 16))-cdcdcdcdcdcdcdcd-01")
        )
        try await withServer({ router in
            router.post("/") { .text($0.headers["traceparent"] ?? "none") }
        }) { url in
            var request = HTTPRequest(.post, url + "/")
            let silent = try await client.send(request)
            #expect(silent.text == "none")
            request.trace = context
            let told = try await client.send(request)
            #expect(told.text == context.traceparent)
        }
    }

    @Test func `any status is an answer`() async throws {
        try await withServer({ _ in }) { url in
            let response = try await client.send(HTTPRequest(.get, url + "/missing"))
            #expect(response.status == 404)
            #expect(!response.isSuccess)
            #expect(response.headers["content-TYPE"] == "application/problem+json")
        }
    }

    @Test func `a form with a file from disk arrives whole`() async throws {
        let folder = try TemporaryFolder()
        let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 11) }
        try Data(bytes).write(to: URL(filePath: folder.path + "/x.bin"))
        let path = folder.path
        let progress = Mutex<[Int]>([])
        try await withServer({ router in
            router.post("/", limits: .upload(maxBytes: 1 << 20)) { request in
                let form = try await request.multipart(spoolFolder: path)
                let file = form.file("file")
                let isSame = try file?.bytes() == bytes
                return .text(
                    "\(form.field("title") ?? "-")|\(file?.filename ?? "-")|\(isSame)|\(file?.declaredContentType ?? "-")"
                )
            }
        }) { url in
            let file = HTTPFormPart("file", .file(path + "/x.bin"), filename: "ä \"x\".bin", contentType: "a/b")
            var request = HTTPRequest(.post, url + "/", body: .multipart([.text("title", "Grüße\r\n--x"), file]))
            request.onUploadProgress = { sent, _ in progress.withLock { $0.append(sent) } }
            let response = try await client.send(request)
            #expect(response.text == "Grüße\r\n--x|ä \"x\".bin|true|a/b")
            let seen = progress.withLock { $0 }
            #expect(seen == seen.sorted())
            #expect((seen.last ?? 0) >= bytes.count)
        }
    }

    @Test func `a part of a file is sent alone`() async throws {
        let folder = try TemporaryFolder()
        let (path, bytes) = (folder.path + "/x.bin", (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 11) })
        try Data(bytes).write(to: URL(filePath: path))
        try await withServer({ router in
            router.put("/", limits: .upload(maxBytes: 1 << 20)) { request in
                .text(Digest.sha256(try await request.body.collect(upTo: 1 << 20)).hexadecimal)
            }
        }) { url in
            for range in [0..<1, 100_001..<600_000, 699_999..<700_000, 5..<5] {
                let response = try await client.send(HTTPRequest(.put, url + "/", body: .fileRange(path, range)))
                #expect(response.text == Digest.sha256(bytes[range]).hexadecimal)
            }
            await #expect(throws: HTTPClientError.unreadableBody) {
                try await client.send(HTTPRequest(.put, url + "/", body: .fileRange(path, 699_999..<700_001)))
            }
        }
    }

    @Test func `a file that is missing or no file is told`() async {
        for path in ["/nowhere/at/all", "/tmp"] {
            await #expect(throws: HTTPClientError.unreadableBody) {
                try await client.send(HTTPRequest(.put, "http://127.0.0.1:9/", body: .file(path)))
            }
        }
    }

    @Test func `a long upload meets a slow reader and an early answer`() async throws {
        try await withServer({ router in
            router.put("/", limits: .upload(maxBytes: 1000)) { request in .text("unread") }
        }) { url in
            let response = try await client.send(
                HTTPRequest(.put, url + "/", body: .bytes([UInt8](repeating: 1, count: 20 << 20)))
            )
            #expect(response.status == 413)
        }
    }

    @Test func `many requests are under way at once`() async throws {
        try await withServer({ router in
            router.get("/{n}") { request in
                await Task.yield()
                return .text(try request.path("n", as: String.self))
            }
        }) { url in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<300 {
                    group.addTask { [client] in
                        try await client.send(HTTPRequest(.get, "\(url)/\(number)")).text == "\(number)"
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test func `too many are refused and the client works on`() async throws {
        var settings = HTTPClientSettings()
        settings.maxRequests = 1
        let narrow = HTTPClient(settings)
        let (began, mayEnd) = (Signal(), Signal())
        try await withServer({ router in
            router.get("/") { _ in
                began.set()
                await mayEnd.wait()
                return .text("got")
            }
        }) { url in
            async let first = narrow.send(HTTPRequest(.get, url + "/"))
            await began.wait()
            await #expect(throws: HTTPClientError.busy) { try await narrow.send(HTTPRequest(.get, url + "/")) }
            mayEnd.set()
            let text = try await first.text
            #expect(text == "got")
            let again = try await narrow.send(HTTPRequest(.get, url + "/"))
            #expect(again.text == "got")
        }
    }

    @Test(arguments: [
        "ftp://127.0.0.1/", "file:///etc/passwd", "127.0.0.1", "", "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: 1",
        "http://127.0.0.1/ä", "gopher://127.0.0.1/",
    ])
    func `another URL than an escaped http one is refused`(_ url: String) async {
        await #expect { try await client.send(HTTPRequest(.get, url)) } throws: { error in
            if case .badRequest = error as? HTTPClientError { true } else { false }
        }
    }

    @Test(arguments: [
        ("X", "a\r\nY: b"), ("X", "a\nb"), ("X", "a\0"), ("X: y", "a"), ("X\r\n", "a"), ("", "a"), ("X ", "a"),
        ("X", "\u{7F}"),
    ])
    func `no header can break out of its line`(_ name: String, _ value: String) async {
        var request = HTTPRequest(.get, "http://127.0.0.1:9/")
        request.headers.append(name, value)
        await #expect(throws: HTTPClientError.badRequest(reason: "a header has bytes that no header may have")) {
            try await client.send(request)
        }
    }

    @Test func `no name of a form part can break out of its line`() async throws {
        let head = Mutex("")
        let server = RawServer { peer, _ in
            let text = peer.receiveHead()
            let part = peer.receiveHead()
            head.withLock { $0 = text + "|" + part }
            peer.send(reply("ok"))
            peer.waitForEnd()
        }
        let part = HTTPFormPart("a\"\r\nX-Evil: 1", .bytes([1]), filename: "b\"\r\nX-Evil: 2", contentType: nil)
        _ = try await client.send(HTTPRequest(.post, server.url + "/", body: .multipart([part])))
        let lines = head.withLock { $0 }.split(separator: "\r\n")
        #expect(!lines.contains { $0.hasPrefix("X-Evil") })
        #expect(lines.contains { $0.hasPrefix("Content-Disposition: form-data") })
    }

    @Test func `a part's media type cannot break out of its line`() async {
        let part = HTTPFormPart("a", .bytes([1]), filename: "b", contentType: "a/b\r\nX-Evil: 1")
        await #expect(throws: HTTPClientError.self) {
            try await client.send(HTTPRequest(.post, "http://127.0.0.1:9/", body: .multipart([part])))
        }
    }

    @Test func `a longer answer than asked for is refused, declared or not`() async throws {
        try await withServer({ router in
            router.get("/declared") { _ in .bytes([UInt8](repeating: 1, count: 1001), contentType: "a/b") }
            router.get("/counted") { _ in
                .stream(contentType: "a/b") { writer in
                    for _ in 0..<1001 { try await writer.write([1]) }
                }
            }
            router.get("/fits") { _ in .bytes([UInt8](repeating: 1, count: 1000), contentType: "a/b") }
        }) { url in
            for path in ["/declared", "/counted"] {
                await #expect(throws: HTTPClientError.tooLarge(limit: 1000)) {
                    try await client.send(HTTPRequest(.get, url + path, maxResponseBytes: 1000))
                }
            }
            let fits = try await client.send(HTTPRequest(.get, url + "/fits", maxResponseBytes: 1000))
            #expect(fits.body.count == 1000)
        }
    }
}
