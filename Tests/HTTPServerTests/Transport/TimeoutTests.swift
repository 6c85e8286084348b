import TestSupport
import Testing

@testable import HTTPServer

/// The server looks at its connections once a second; these tests wait for what then happens, and measure nothing.
@Suite(.timeLimit(.minutes(5))) struct TimeoutTests {
    @Test func `slow senders of a head are shown out while others are served`() async throws {
        try await withServer({ $0.timeouts.head = .milliseconds(1) }, handler: { _ in .text("got") }) { server in
            let slow = try await onThread {
                try (0..<50).map { _ in
                    let client = try server.connect()
                    try client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
                    return client
                }
            }
            #expect(try await server.exchange(get()).text == "got")
            for client in slow {
                let text = try await onThread { String(decoding: try client.receiveAll(), as: UTF8.self) }
                #expect(text.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
            }
            #expect(try await server.exchange(get()).text == "got")
        }
    }

    @Test func `an idle connection is closed without a word`() async throws {
        try await withServer({ $0.timeouts.idle = .milliseconds(1) }, handler: { _ in .text("got") }) { server in
            let (used, unused) = try await onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(get())
                _ = try reader.next()
                return (try reader.isClosed(), try server.connect().receiveAll())
            }
            #expect(used)
            #expect(unused.isEmpty)
        }
    }

    @Test func `a body that does not come is answered 408`() async throws {
        let change: (inout ServerSettings) -> Void = { $0.timeouts.body = .milliseconds(1) }
        try await withRoutes(
            change,
            { $0.post("/") { request in .bytes(try await request.body.collect(upTo: 100), contentType: "a/b") } },
        ) { server in
            let reply = try await server.exchange(post("Content-Length: 5", "he"))
            #expect(reply.status == 408)
            #expect(reply["Connection"] == "close")
        }
    }

    @Test func `a handler past its time is cancelled and answered 503`() async throws {
        let cancelled = Tally()
        try await withRoutes(
            { _ in },
            { router in
                router.get("/", limits: Limits(timeout: .milliseconds(1))) { _ in
                    await park()
                    if Task.isCancelled { cancelled.add() }
                    throw CancellationError()
                }
            },
        ) { server in
            let reply = try await server.exchange(get())
            #expect(reply.status == 503)
            #expect(reply["Retry-After"] == "1")
            #expect(cancelled.count == 1)
        }
    }

    @Test func `a handler may give itself less time`() async throws {
        try await withRoutes(
            { _ in },
            { router in
                router.get("/") { request in
                    request.limitTime(to: .milliseconds(1))
                    await park()
                    throw CancellationError()
                }
            },
        ) { server in
            let reply = try await server.exchange(get())
            #expect(reply.status == 503)
        }
    }

    @Test func `a stream is not ended by the time of its route`() async throws {
        let beats = Tally()
        try await withRoutes(
            { $0.timeouts.heartbeat = .milliseconds(1) },
            { router in
                router.get("/", limits: Limits(timeout: .milliseconds(1))) { _ in
                    .events { events in
                        await beats.until(2)
                        try await events.send(data: "end")
                    }
                }
            },
        ) { server in
            let text = try await onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(get())
                _ = try reader.nextHead()
                for _ in 0..<2 {
                    _ = try reader.nextChunk()
                    beats.add()
                }
                var chunk = try reader.nextChunk()
                while chunk.first == UInt8(ascii: ":") { chunk = try reader.nextChunk() }
                return String(decoding: chunk, as: UTF8.self)
            }
            #expect(text == "data: end\n\n")
        }
    }

    @Test func `a client that takes nothing of its answer is dropped`() async throws {
        let ended = Tally()
        try await withServer(
            { $0.timeouts.write = .milliseconds(1) },
            handler: { _ in
                .stream(contentType: "a/b") { writer in
                    defer { ended.add() }
                    while true { try await writer.write([UInt8](repeating: 0, count: 65_536)) }
                }
            },
        ) { server in
            let client = try await onThread {
                let client = try server.connect(receiveBufferBytes: 4096)
                try client.send(get())
                return client
            }
            await ended.until(1)
            withExtendedLifetime(client) {}
        }
    }

    @Test func `a client that sends on after an early answer is not awaited for ever`() async throws {
        try await withServer({ $0.timeouts.linger = .milliseconds(1) }, handler: { _ in .text("no") }) { server in
            let (reply, isClosed) = try await onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(post("Content-Length: 2000000", "a"))
                return (try reader.next(), try reader.isClosed())
            }
            #expect(reply.text == "no")
            #expect(isClosed)
        }
    }
}
