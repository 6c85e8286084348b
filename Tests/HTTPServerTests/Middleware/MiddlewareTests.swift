import Kernel
import Synchronization
import Telemetry
import Testing

@testable import HTTPServer

/// Sends a request through `middleware` to a handler that tells what it got.
private func respond(
    _ middleware: [any Middleware],
    _ request: Request,
    handler: @escaping Handler = { _ in .text("got") },
) async -> Response {
    var router = Router(middleware: middleware)
    router.get("/", handler)
    router.post("/", handler)
    return await router.respond(to: request)
}

struct RequestIDMiddlewareTests {
    @Test(arguments: ["X-Request-ID", "X-Correlation-ID", "X-Trace-ID"])
    func `a client's id is kept, told and known to the log`(_ name: String) async throws {
        let request = Request(.get, "/", headers: [name: "client:1/a.b"])
        let response = await respond([RequestIDMiddleware()], request) { request in
            .text("\(request.id) \(RequestID.current ?? "none")")
        }
        #expect(try await response.body.collect() == Array("client:1/a.b client:1/a.b".utf8))
        for name in ["X-Request-ID", "X-Correlation-ID", "X-Trace-ID"] {
            #expect(response.headers.all(name) == ["client:1/a.b"])
        }
    }

    @Test(arguments: ["", "a b", "a\tb", "ä", "\"a\"", "a;b", "<a>", "{a}", String(repeating: "a", count: 129)])
    func `a harmful one is replaced`(_ id: String) async {
        let response = await respond([RequestIDMiddleware()], Request(.get, "/", headers: ["X-Request-ID": id]))
        #expect(response.headers["X-Request-ID"]?.utf8.count == 36)
        #expect(response.headers["X-Request-ID"] != id)
    }

    @Test func `errors carry it too and every request has its own`() async throws {
        var router = Router(middleware: [RequestIDMiddleware()])
        router.get("/") { _ in .text("got") }
        let first = await router.respond(to: Request(.get, "/missing"))
        let second = await router.respond(to: Request(.get, "/missing"))
        let id = try #require(first.headers["X-Request-ID"])
        #expect(String(decoding: try await first.body.collect(), as: UTF8.self).contains(id))
        #expect(second.headers["X-Request-ID"] != id)
    }
}

struct CORSMiddlewareTests {
    private let middleware = CORSMiddleware(origins: ["https://app.example.org"])

    @Test func `a known page may read`() async {
        let response = await respond([middleware], Request(.get, "/", headers: ["Origin": "https://app.example.org"]))
        #expect(response.status == 200)
        #expect(response.headers["Access-Control-Allow-Origin"] == "https://app.example.org")
        #expect(response.headers["Access-Control-Expose-Headers"]?.contains("Retry-After") == true)
        #expect(response.headers["Vary"] == "Origin")
        #expect(!response.headers.contains("Access-Control-Allow-Credentials"))
    }

    @Test(arguments: [
        "https://evil.example.org", "https://app.example.org.evil.org", "http://app.example.org", "null",
        "https://app.example.org:8443",
    ])
    func `another may not`(_ origin: String) async {
        for method in [Method.get, .options] {
            let headers: Headers = ["Origin": origin, "Access-Control-Request-Method": "POST"]
            let response = await respond([middleware], Request(method, "/", headers: headers))
            #expect(!response.headers.contains("Access-Control-Allow-Origin"))
            #expect(response.headers["Vary"] == "Origin")
        }
    }

    @Test func `a preflight is answered before any route, an ordinary OPTIONS by the router`() async {
        let origin = "https://app.example.org"
        let preflight: Headers = ["Origin": origin, "Access-Control-Request-Method": "POST"]
        let response = await respond([middleware], Request(.options, "/missing", headers: preflight))
        #expect(response.status == 204)
        #expect(response.headers["Access-Control-Allow-Methods"]?.contains("POST") == true)
        #expect(response.headers["Access-Control-Allow-Headers"]?.contains("Authorization") == true)
        let ordinary = await respond([middleware], Request(.options, "/", headers: ["Origin": origin]))
        #expect(ordinary.headers["Allow"] == "GET, HEAD, OPTIONS, POST")
    }

    @Test func `errors are readable too`() async {
        let request = Request(.get, "/missing", headers: ["Origin": "https://app.example.org"])
        let response = await respond([middleware], request)
        #expect(response.status == 404)
        #expect(response.headers["Access-Control-Allow-Origin"] == "https://app.example.org")
    }

    @Test func `a star lets everyone in, no origin nobody`() async {
        let request = Request(.get, "/", headers: ["Origin": "https://x.org"])
        #expect(await respond([CORSMiddleware(origins: ["*"])], request).headers["Access-Control-Allow-Origin"] == "*")
        #expect(!(await respond([CORSMiddleware(origins: [])], request)).headers.contains("Vary"))
    }
}

struct DevelopmentGuardTests {
    private let middleware = DevelopmentGuard(isOn: true, hosts: ["pictor.test"], origins: ["https://app.example.org"])

    private func status(_ method: Method, _ headers: Headers, peer: String = "127.0.0.1") async throws -> Int {
        let peer = try #require(PeerAddress(peer))
        return await respond([middleware], Request(method, "/", headers: headers, peer: peer)).status
    }

    @Test(arguments: ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080", "pictor.test"])
    func `names of this machine are served`(_ host: String) async throws {
        #expect(try await status(.get, ["Host": host]) == 200)
        #expect(try await status(.post, ["Host": host]) == 200)
        #expect(try await status(.post, ["Host": host, "Origin": "http://\(host)"]) == 200)
        #expect(try await status(.post, ["Host": host, "Origin": "https://app.example.org"]) == 200)
    }

    @Test(arguments: ["evil.org", "localhost.evil.org", "127.0.0.1.evil.org:8080", "[::2]", "evil.org:8080", ""])
    func `a rebound name is not`(_ host: String) async throws {
        #expect(try await status(.get, ["Host": host]) == 403)
        #expect(try await status(.get, [:]) == 403)
    }

    @Test(arguments: ["http://evil.org", "null", "http://localhost:9090", "file://", "http://localhost:8080.evil.org"])
    func `a foreign page changes nothing`(_ origin: String) async throws {
        let headers: Headers = ["Host": "localhost:8080", "Origin": origin]
        #expect(try await status(.post, headers) == 403)
        #expect(try await status(.get, headers) == 200)
    }

    @Test func `clients elsewhere are not its matter`() async throws {
        #expect(try await status(.post, ["Host": "evil.org", "Origin": "http://evil.org"], peer: "10.0.0.1") == 200)
        let off = DevelopmentGuard(isOn: false)
        #expect(await respond([off], Request(.get, "/", headers: ["Host": "evil.org"])).status == 200)
    }
}

struct ForwardedMiddlewareTests {
    private func client(_ headers: Headers, peer: String = "10.0.0.1") async throws -> [String] {
        let proxies = try ["10.0.0.0/8", "::1"].map { try #require(AddressBlock($0)) }
        let request = Request(.get, "/", headers: headers, peer: try #require(PeerAddress(peer)))
        let response = await respond([ForwardedMiddleware(proxies: proxies)], request) { request in
            .text(
                "\(request.peer)|\(request.isSecure)|\(request.host ?? "-")|\(request.isForwarded)|\(request.isLoopback)"
            )
        }
        return String(decoding: try await response.body.collect(), as: UTF8.self).split(separator: "|").map(String.init)
    }

    @Test func `a trusted proxy is believed`() async throws {
        let headers: Headers = [
            "Host": "inner", "X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "HTTPS", "X-Forwarded-Host": "outer",
        ]
        #expect(try await client(headers) == ["192.0.2.7", "true", "outer", "true", "false"])
    }

    @Test func `nobody else is`() async throws {
        let headers: Headers = [
            "Host": "inner", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "outer",
        ]
        #expect(try await client(headers, peer: "192.0.2.1") == ["192.0.2.1", "false", "inner", "false", "false"])
        // A proxy on this machine that nobody configured does not make its clients local.
        #expect(try await client(headers, peer: "127.0.0.1") == ["127.0.0.1", "false", "inner", "false", "false"])
    }

    @Test(arguments: [
        ("1.2.3.4, 192.0.2.7", "192.0.2.7"), ("127.0.0.1, 192.0.2.7, 10.9.9.9", "192.0.2.7"),
        ("10.0.0.5, 10.0.0.6", "10.0.0.1"), ("127.0.0.1, unknown", "10.0.0.1"),
        ("127.0.0.1, unix:, 10.0.0.2", "10.0.0.1"),
        ("unknown, 192.0.2.7", "192.0.2.7"), ("127.0.0.1,", "127.0.0.1"), ("", "10.0.0.1"),
        ("[2001:db8::1]:99", "2001:db8::1"),
        ("192.0.2.7:1234", "192.0.2.7"),
    ])
    func `of several addresses the last that is no proxy counts`(_ chain: String, _ expected: String) async throws {
        #expect(try await client(["Host": "a", "X-Forwarded-For": chain])[0] == expected)
    }

    @Test func `several header lines are one list`() async throws {
        let headers: Headers = ["Host": "a", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-For": "192.0.2.7"]
        #expect(try await client(headers)[0] == "192.0.2.7")
    }
}

struct SecurityHeadersMiddlewareTests {
    @Test func `pages and files get what keeps a browser in bounds, and handlers the last word`() async {
        let page = await respond([SecurityHeadersMiddleware()], Request(.get, "/")) { _ in .html("<p>") }
        #expect(page.headers["Content-Security-Policy"]?.contains("default-src 'self'") == true)
        #expect(page.headers["X-Content-Type-Options"] == "nosniff")
        #expect(page.headers["X-Frame-Options"] == "DENY")
        #expect(!page.headers.contains("Strict-Transport-Security"))
        let file = await respond([SecurityHeadersMiddleware()], Request(.get, "/missing"))
        #expect(file.headers["Content-Security-Policy"]?.contains("sandbox") == true)
        let own = await respond([SecurityHeadersMiddleware()], Request(.get, "/")) { _ in
            Response(headers: ["content-security-policy": "own"])
        }
        #expect(own.headers.all("Content-Security-Policy") == ["own"])
        var secure = Request(.get, "/")
        secure.isSecure = true
        #expect(await respond([SecurityHeadersMiddleware()], secure).headers.contains("Strict-Transport-Security"))
    }
}

struct AccessLogMiddlewareTests {
    @Test func `every answer is counted under its pattern and logged without its query`() async throws {
        let lines = Mutex<[UInt8]>([])
        let sink = LogSink(format: .json, level: .info) { bytes in lines.withLock { $0 += bytes } }
        let metrics = Metrics()
        var router = Router(middleware: [AccessLogMiddleware(log: Log(sink), metrics: metrics)])
        router.get("/a/{x}") { _ in .text("got") }
        router.get("/fails") { _ in throw HTTPError.handlerTimeout }
        for target in ["/a/1?secret=s", "/a/2", "/missing/1", "/missing/2", "/fails"] {
            _ = await router.respond(to: Request(.get, target))
        }
        _ = await router.respond(to: Request("BREW", "/a/1"))
        sink.flush()
        let text = String(decoding: metrics.render(), as: UTF8.self)
        for line in [
            "http_requests_total{method=\"GET\",route=\"/a/{x}\",status=\"200\"} 2",
            "http_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 2",
            "http_requests_total{method=\"other\",route=\"none\",status=\"405\"} 1", "errors_total{route=\"/fails\"} 1",
            "http_requests_in_progress 0",
        ] { #expect(text.contains(line), "\(line) in \(text)") }
        let log = lines.withLock { String(decoding: $0, as: UTF8.self) }
        #expect(log.contains("/a/1"))
        #expect(!log.contains("secret"))
        #expect(log.split(separator: "\n").count == 6)
    }
}
