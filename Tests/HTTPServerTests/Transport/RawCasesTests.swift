import Testing

@testable import HTTPServer

/// What a server may see on the wire and must answer so that no proxy before it sees another request: the table of
/// measured servers (libmicrohttpd, evhttp and h2o fail several rows each) and more of RFC 9112.
@Suite(.timeLimit(.minutes(5))) struct RawCasesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: String
        let status: Int

        init(_ description: String, _ bytes: String, _ status: Int) {
            testDescription = description
            self.bytes = bytes
            self.status = status
        }
    }

    static let refused: [Case] = [
        Case(
            "Content-Length and Transfer-Encoding",
            post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n"),
            400,
        ),
        Case("two different Content-Lengths", post("Content-Length: 5\r\nContent-Length: 6", "helloo"), 400),
        Case("two equal Content-Lengths", post("Content-Length: 5\r\nContent-Length: 5", "hello"), 400),
        Case("a Content-Length with a sign", post("Content-Length: +5", "hello"), 400),
        Case("a negative Content-Length", post("Content-Length: -5", "hello"), 400),
        Case("a space before the colon", post("Content-Length : 5", "hello"), 400),
        Case("a bare CR in a value", get("X: a\rb"), 400),
        Case("a bare LF in a value", get("X: a\nb"), 400),
        Case("a NUL in a value", get("X: a\0b"), 400),
        Case("a folded line", get("X: a\r\n b"), 400),
        Case("no Host", "GET / HTTP/1.1\r\n\r\n", 400),
        Case("two Hosts", get("Host: b"), 400),
        Case("an unknown transfer coding", post("Transfer-Encoding: xchunked", "5\r\nhello\r\n0\r\n\r\n"), 501),
        Case("two transfer codings", post("Transfer-Encoding: gzip, chunked", "0\r\n\r\n"), 501),
        Case("a chunk size with 0x", post("Transfer-Encoding: chunked", "0x5\r\nhello\r\n0\r\n\r\n"), 400),
        Case("a chunk size of nine digits", post("Transfer-Encoding: chunked", "000000005\r\nhello\r\n"), 400),
        Case("a header line of 64 KB", get("X: " + String(repeating: "a", count: 65_536)), 431),
        Case("101 headers", get((0..<100).map { "X-\($0): 1" }.joined(separator: "\r\n")), 431),
        Case("3000 tiny headers", get((0..<3000).map { "X\($0):" }.joined(separator: "\r\n")), 431),
        Case("a body past the limit by Content-Length", post("Content-Length: 2000000", ""), 413),
        Case("HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        Case("the first bytes of TLS", "\u{16}\u{3}\u{1}\r\n\r\n", 400),
    ]

    @Test(arguments: refused)
    func `is refused and the connection closed`(_ one: Case) async throws {
        try await withEcho { server in
            let (reply, isClosed) = try await onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(one.bytes)
                return (try reader.next(), try reader.isClosed())
            }
            #expect(reply.status == one.status)
            #expect(reply["Connection"] == "close")
            #expect(isClosed)
        }
    }

    @Test func `two requests in one write get two answers in order`() async throws {
        try await withEcho { server in
            let replies = try await onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(post("Content-Length: 3", "one") + post("Content-Length: 3", "two"))
                return [try reader.next(), try reader.next()]
            }
            #expect(replies.map(\.text) == ["one", "two"])
        }
    }

    @Test func `five hundred requests in one write are answered in order`() async throws {
        try await withEcho { server in
            let texts = try await onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send((0..<500).map { post("Content-Length: 3", "\($0 + 100)") }.joined())
                return try (0..<500).map { _ in try reader.next().text }
            }
            #expect(texts == (0..<500).map { "\($0 + 100)" })
        }
    }

    @Test func `one hundred headers are taken`() async throws {
        try await withEcho { server in
            let reply = try await server.exchange(get((0..<99).map { "X-\($0): 1" }.joined(separator: "\r\n")))
            #expect(reply.status == 200)
        }
    }

    @Test func `a head that comes byte by byte is one request`() async throws {
        try await withEcho { server in
            let reply = try await onThread {
                var reader = ReplyReader(try server.connect())
                for byte in post("Content-Length: 5", "hello").utf8 { try reader.client.send([byte]) }
                return try reader.next()
            }
            #expect(reply.text == "hello")
        }
    }

    @Test func `a body waits for 100 Continue`() async throws {
        try await withEcho { server in
            let (interim, reply) = try await onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(post("Content-Length: 5\r\nExpect: 100-continue", ""))
                let interim = try reader.next()
                try reader.client.send("hello")
                return (interim, try reader.next())
            }
            #expect(interim.head == "HTTP/1.1 100 Continue\r\n\r\n")
            #expect(reply.text == "hello")
        }
    }

    @Test func `a body that nobody wants gets its answer instead of 100 Continue`() async throws {
        try await withEcho { server in
            let reply = try await server.exchange(post("Content-Length: 2000000\r\nExpect: 100-continue", ""))
            #expect(reply.status == 413)
            #expect(reply["Connection"] == "close")
        }
    }

    @Test func `chunks with extensions and trailers are put together`() async throws {
        try await withEcho { server in
            let replies = try await onThread {
                var reader = ReplyReader(try server.connect())
                let body = "5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n"
                try reader.client.send(post("Transfer-Encoding: chunked", body) + get())
                return [try reader.next(), try reader.next()]
            }
            #expect(replies.map(\.text) == ["hello world", "got"])
        }
    }

    @Test func `a chunked body past the limit is refused while it comes`() async throws {
        try await withEcho { server in
            let reply = try await onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(post("Transfer-Encoding: chunked", ""))
                let chunk = "10000\r\n" + String(repeating: "x", count: 65_536) + "\r\n"
                for _ in 0..<17 { try reader.client.send(chunk) }
                return try reader.next()
            }
            #expect(reply.status == 413)
        }
    }
}

/// A server that answers a POST with its body, and everything else with `got`.
func withEcho<Value>(_ body: (TestServer) async throws -> Value) async throws -> Value {
    try await withRoutes(
        { _ in },
        { router in
            router.get("/") { _ in .text("got") }
            router.post("/") { request in
                .bytes(try await request.body.collect(upTo: .max), contentType: "text/plain")
            }
        },
        body,
    )
}

func get(_ fields: String = "X: 1") -> String { "GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n" }

func post(_ fields: String, _ body: String) -> String { "POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n\(body)" }
