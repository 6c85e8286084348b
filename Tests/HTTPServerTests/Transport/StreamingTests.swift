import Kernel
import Synchronization
import TestSupport
import Testing

@testable import HTTPServer

@Suite(.timeLimit(.minutes(5))) struct StreamingTests {
    @Test func `a streamed answer comes in chunks and keeps the connection`() async throws {
        try await withServer(handler: { _ in .lines(3) }) { server in
            let replies = try await onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(get() + get())
                return [try reader.next(), try reader.next()]
            }
            #expect(replies.map(\.text) == ["0\n1\n2\n", "0\n1\n2\n"])
            #expect(replies[0]["Transfer-Encoding"] == "chunked")
            #expect(replies[0].values("Content-Length").isEmpty)
        }
    }

    @Test func `a client of HTTP 1.0 gets a stream until the connection closes`() async throws {
        try await withServer(handler: { _ in .lines(3) }) { server in
            let reply = try await server.exchange("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(reply.text == "0\n1\n2\n")
            #expect(reply["Connection"] == "close")
            #expect(reply.values("Transfer-Encoding").isEmpty)
        }
    }

    @Test func `a stream that fails does not look whole`() async throws {
        try await withServer(handler: { _ in
            .stream(contentType: "text/plain") { writer in
                try await writer.write("half")
                throw HTTPError.notFound
            }
        }) { server in
            try await onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(get())
                #expect(throws: ReplyReader.Cut.self) { try reader.next() }
            }
        }
    }

    @Test func `a writer waits for a slow reader and memory stays flat`() async throws {
        let (written, total) = (Tally(), 24 << 20)
        try await withServer(handler: { request in
            guard request.path == "/" else { return .text("other") }
            return .stream(contentType: "a/b") { writer in
                let piece = [UInt8](repeating: 7, count: 1 << 18)
                for _ in 0..<(total / piece.count) {
                    try await writer.write(piece)
                    written.add(piece.count)
                }
            }
        }) { server in
            let client = try await onThread {
                let client = try server.connect()
                try client.send(get())
                return client
            }
            // Others are served while the writer is parked.
            for _ in 0..<50 {
                let text = try await server.exchange("GET /other HTTP/1.1\r\nHost: a\r\n\r\n").text
                #expect(text == "other")
            }
            #expect(written.count < total / 2)
            let length = try await onThread {
                var reader = ReplyReader(client)
                return try reader.next().body.count
            }
            #expect(length == total)
            await written.until(total)
        }
    }

    @Test func `two tasks may write one stream`() async throws {
        try await withServer(handler: { _ in
            .stream(contentType: "a/b") { writer in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for byte in UInt8(0)..<8 {
                        group.addTask {
                            for _ in 0..<10 { try await writer.write([UInt8](repeating: byte, count: 30_000)) }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }) { server in
            let body = try await onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(get())
                return try reader.next().body
            }
            // Each write arrives whole, whatever the order.
            let pieces = stride(from: 0, to: body.count, by: 30_000).map { Array(body[$0..<$0 + 30_000]) }
            let expected = (UInt8(0)..<8).flatMap {
                [[UInt8]](repeating: .init(repeating: $0, count: 30_000), count: 10)
            }
            #expect(pieces.sorted { $0[0] < $1[0] } == expected)
        }
    }

    @Test func `a part of a handler that is cancelled does not end the stream`() async throws {
        try await withServer(handler: { request in
            .stream(contentType: "a/b") { writer in
                let part = Task { try await request.body.next() }
                part.cancel()
                _ = await part.result
                try await writer.write("still here")
            }
        }) { server in
            let reply = try await onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(post("Content-Length: 5", ""))
                return try reader.next()
            }
            #expect(reply.text == "still here")
        }
    }

    @Test func `a slow handler holds back the sender`() async throws {
        let (mayRead, received, total) = (Tally(), Tally(), 50 << 20)
        try await withRoutes(
            { _ in },
            { router in
                router.post("/", limits: .upload(maxBytes: 60 << 20)) { request in
                    await mayRead.until(1)
                    var sum = 0
                    while let piece = try await request.body.next() {
                        sum += piece.count
                        received.add(piece.count)
                    }
                    return .text("\(sum)")
                }
            },
        ) { server in
            let sent = Tally()
            async let text = onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(post("Content-Length: \(total)", ""))
                let piece = [UInt8](repeating: 1, count: 1 << 20)
                for _ in 0..<50 {
                    try reader.client.send(piece)
                    sent.add(piece.count)
                }
                return try reader.next().text
            }
            // The kernel's buffers take some; then the sender stands still.
            var before = -1
            while sent.count != before {
                before = sent.count
                for _ in 0..<200 { await Task.yield() }
            }
            #expect(received.count == 0)
            #expect(sent.count < total)
            mayRead.add()
            let answer = try await text
            #expect(answer == "\(total)")
        }
    }

    @Test func `events arrive one by one and a heartbeat when nothing else does`() async throws {
        let next = Tally()
        try await withServer(
            { $0.timeouts.heartbeat = .milliseconds(1) },
            handler: { _ in
                .events { events in
                    try await events.send(event: "step", data: "one\ntwo", id: "7")
                    await next.until(1)
                    try await events.send(data: "last")
                }
            },
        ) { server in
            let (head, first, beat) = try await onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(get())
                let head = try reader.nextHead()
                let first = try reader.nextChunk()
                let beat = try reader.nextChunk()
                next.add()
                return (head, first, beat)
            }
            #expect(head["Content-Type"] == "text/event-stream")
            #expect(head["Cache-Control"] == "no-store")
            #expect(String(decoding: first, as: UTF8.self) == "event: step\nid: 7\ndata: one\ndata: two\n\n")
            #expect(String(decoding: beat, as: UTF8.self) == ": keep-alive\n\n")
        }
    }

    @Test func `a long poll answers when something happens`() async throws {
        let (parked, event) = (Tally(), Tally())
        try await withServer(handler: { _ in
            parked.add()
            await event.until(1)
            return .text("now")
        }) { server in
            async let reply = server.exchange(get())
            await parked.until(1)
            event.add()
            let text = try await reply.text
            #expect(text == "now")
        }
    }

    @Test func `a body can be echoed while it comes`() async throws {
        try await withServer(handler: { request in
            .stream(contentType: "a/b") { writer in
                while let piece = try await request.body.next() { try await writer.write(piece) }
            }
        }) { server in
            let pieces = try await onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(post("Transfer-Encoding: chunked", ""))
                _ = try reader.nextHead()
                return try ["one", "two", "three"].map { word in
                    try reader.client.send("\(word.utf8.count)\r\n\(word)\r\n")
                    return String(decoding: try reader.nextChunk(), as: UTF8.self)
                }
            }
            #expect(pieces == ["one", "two", "three"])
        }
    }
}

extension Response {
    fileprivate static func lines(_ count: Int) -> Response {
        .stream(contentType: "text/plain") { writer in
            for line in 0..<count { try await writer.write("\(line)\n") }
        }
    }
}
