import Kernel
import Telemetry
import TestSupport
import Testing

@testable import HTTPServer

@Suite(.timeLimit(.minutes(5))) struct ConnectionTests {
    @Test func `a connection carries one request after another`() async throws {
        try await withEcho { server in
            let texts = try await onThread {
                var reader = ReplyReader(try server.connect())
                return try (0..<50).map { index in
                    try reader.client.send(post("Content-Length: 2", "\(index + 10)"))
                    let reply = try reader.next()
                    #expect(reply.values("Connection").isEmpty)
                    return reply.text
                }
            }
            #expect(texts == (10..<60).map { "\($0)" })
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "close", true),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: Foo, CLOSE\r\n\r\n", "close", true),
        ("GET / HTTP/1.0\r\n\r\n", "close", true),
        ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "keep-alive", false),
        ("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", "close", true),
    ])
    func `the client says whether its connection stays`(
        _ request: String,
        _ connection: String,
        _ closes: Bool,
    ) async throws {
        try await withEcho { server in
            let reply = try await onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(request)
                let reply = try reader.next()
                if closes {
                    #expect(try reader.isClosed())
                } else {
                    try reader.client.send(request)
                    #expect(try reader.next().text == "got")
                }
                return reply
            }
            #expect(reply.text == "got")
            #expect(reply["Connection"] == connection)
        }
    }

    @Test func `a client that sends its request and then no more is answered`() async throws {
        try await withEcho { server in
            for _ in 0..<20 {
                let (reply, isClosed) = try await onThread {
                    var reader = ReplyReader(try server.connect())
                    try reader.client.send(post("Content-Length: 5", "hello"))
                    reader.client.finishSending()
                    return (try reader.next(), try reader.isClosed())
                }
                #expect(reply.text == "hello")
                #expect(isClosed)
            }
        }
    }

    @Test func `a body cut short is answered 400 where the client still listens`() async throws {
        try await withEcho { server in
            let reply = try await onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(post("Content-Length: 50", "hello"))
                reader.client.finishSending()
                return try reader.next()
            }
            #expect(reply.status == 400)
            #expect(reply.text.contains("body_incomplete"))
        }
    }

    @Test func `an answer that comes early is read although the client sends on`() async throws {
        try await withEcho { server in
            let (reply, isClosed) = try await onThread {
                var reader = ReplyReader(try server.connect())
                let length = 20 << 20
                try reader.client.send(post("Content-Length: \(length)", ""))
                let piece = [UInt8](repeating: 0, count: 1 << 20)
                for _ in 0..<(length >> 20) { try reader.client.send(piece) }
                return (try reader.next(), try reader.isClosed())
            }
            #expect(reply.status == 413)
            #expect(isClosed)
        }
    }

    @Test func `an answer is not lost when more than the last request was sent`() async throws {
        try await withEcho { server in
            let reply = try await onThread {
                var reader = ReplyReader(try server.connect())
                let last = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                try reader.client.send(last + String(repeating: get(), count: 5000))
                return try reader.next()
            }
            #expect(reply.text == "got")
        }
    }

    @Test func `a small body that no handler read does not end the connection`() async throws {
        try await withRoutes({ _ in }, { $0.post("/") { _ in .text("unread") } }) { server in
            let texts = try await onThread {
                var reader = ReplyReader(try server.connect())
                return try (0..<3).map { _ in
                    try reader.client.send(post("Content-Length: 5", "hello"))
                    return try reader.next().text
                }
            }
            #expect(texts == ["unread", "unread", "unread"])
        }
    }

    @Test(arguments: [204, 304])
    func `a status without a body gets none whatever the handler returns`(_ status: Int) async throws {
        let answers: [Response] = [
            Response(status: status, body: .bytes([1, 2, 3])),
            .stream(contentType: "text/plain", status: status) { try await $0.write("abc") },
        ]
        for answer in answers {
            try await withServer(handler: { $0.path == "/" ? answer : .text("next") }) { server in
                let (first, second) = try await onThread {
                    var reader = ReplyReader(try server.connect())
                    try reader.client.send(get() + "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
                    return (try reader.next(), try reader.next())
                }
                #expect(first.status == status)
                #expect(first.values("Content-Length").isEmpty)
                #expect(first.values("Transfer-Encoding").isEmpty)
                #expect(second.text == "next")
            }
        }
    }

    @Test func `HEAD gets no body even from a handler that knows nothing of it`() async throws {
        try await withServer(handler: { _ in .text("got") }) { server in
            let (head, text) = try await onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get())
                return (try reader.next(toHead: true), try reader.next().text)
            }
            #expect(head["Content-Length"] == "3")
            #expect(text == "got")
        }
    }

    @Test func `an answer has a date and its length`() async throws {
        try await withEcho { server in
            let reply = try await server.exchange(get())
            #expect(reply["Content-Length"] == "3")
            #expect(reply["Date"]?.hasSuffix(" GMT") == true)
        }
    }

    @Test func `a large answer arrives whole at a slow reader`() async throws {
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await withServer(handler: { _ in .bytes(bytes, contentType: "a/b") }) { server in
            let body = try await onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(get())
                return try reader.next().body
            }
            #expect(body == bytes)
        }
    }

    @Test func `a client past the limit is told so and others are served on`() async throws {
        try await withServer({ $0.maxConnections = 2 }, handler: { _ in .text("got") }) { server in
            let statuses = try await onThread {
                var readers = try (0..<2).map { _ in ReplyReader(try server.connect()) }
                for index in readers.indices {
                    try readers[index].client.send(get())
                    #expect(try readers[index].next().status == 200)
                }
                var third = ReplyReader(try server.connect())
                try third.client.send(get())
                let refused = try third.next()
                #expect(refused["Retry-After"] == "1")
                #expect(try third.isClosed())
                try readers[0].client.send(get())
                return [refused.status, try readers[0].next().status]
            }
            #expect(statuses == [503, 200])
        }
    }

    @Test func `the metrics tell how many connections are open`() async throws {
        let metrics = Metrics()
        try await withServer(metrics: metrics, handler: { _ in .text("got") }) { server in
            let readers = try await onThread {
                try (0..<3).map { _ in
                    var reader = ReplyReader(try server.connect())
                    try reader.client.send(get())
                    _ = try reader.next()
                    return reader
                }
            }
            let text = String(decoding: metrics.render(), as: UTF8.self)
            #expect(text.contains("\nhttp_connections 3\n"))
            withExtendedLifetime(readers) {}
        }
    }

    @Test func `a stranger's pipeline without end lets others in`() async throws {
        let mayEnd = Tally()
        try await withEcho { server in
            async let flood: Void = onThread {
                let client = try server.connect()
                let requests = Array(String(repeating: get(), count: 1000).utf8)
                // What comes back is read by another thread, so that nothing slows the flood down.
                startThread(name: "flood") { _ = try? client.receiveAll() }
                while mayEnd.count == 0 { try client.send(requests) }
                client.hangUp()
            }
            for _ in 0..<20 {
                let text = try await server.exchange(get()).text
                #expect(text == "got")
            }
            mayEnd.add()
            try await flood
        }
    }

    @Test func `two loops share the clients`() async throws {
        try await withServer({ $0.loops = 2 }, handler: { _ in .text("got") }) { server in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<50 { group.addTask { try await server.exchange(get()).text } }
                for try await text in group { #expect(text == "got") }
            }
        }
    }

    @Test func `a taken port is explained`() async throws {
        try await withServer(handler: { _ in .text("got") }) { server in
            var settings = ServerSettings()
            settings.port = server.port
            let second = try Server(settings: settings, handler: { _ in .text("x") })
            let error = #expect(throws: ServerError.self) { try second.bind() }
            #expect(error == .addressInUse(host: "127.0.0.1", port: server.port))
            #expect(
                error?.message
                    == "Another program listens on 127.0.0.1:\(server.port). End it, or choose another port with --port."
            )
        }
    }

    @Test func `a host that is no address of this machine is explained`() throws {
        var settings = ServerSettings()
        settings.host = "example.org"
        let server = try Server(settings: settings, handler: { _ in .text("x") })
        #expect(throws: ServerError.badAddress("example.org")) { try server.bind() }
    }
}
