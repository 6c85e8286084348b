import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import HTTPClient

@Suite(.timeLimit(.minutes(5))) struct StreamedResponseTests {
    private let client = HTTPClient()

    @Test func `the head comes before the body`() async throws {
        let mayEnd = Signal()
        try await withServer({ router in
            router.get("/") { _ in
                .stream(contentType: "text/plain") { writer in
                    try await writer.write("one")
                    await mayEnd.wait()
                    try await writer.write("two")
                }
            }
        }) { url in
            let response = try await client.stream(HTTPRequest(.get, url + "/"))
            #expect(response.status == 200)
            #expect(response.headers["Content-Type"] == "text/plain")
            var text = ""
            for try await piece in response.body {
                text += String(decoding: piece, as: UTF8.self)
                mayEnd.set()
            }
            #expect(text == "onetwo")
        }
    }

    @Test func `a slow reader holds back the server`() async throws {
        let total = 32 << 20
        let written = Tally()
        try await withServer({ router in
            router.get("/") { _ in
                .stream(contentType: "a/b") { writer in
                    for _ in 0..<128 {
                        try await writer.write([UInt8](repeating: 5, count: total / 128))
                        written.add(total / 128)
                    }
                }
            }
            router.get("/other") { _ in .text("other") }
        }) { url in
            var request = HTTPRequest(.get, url + "/")
            request.maxResponseBytes = total
            let response = try await client.stream(request)
            // The client's thread serves others meanwhile, and the writer stands still.
            for _ in 0..<100 {
                let other = try await client.send(HTTPRequest(.get, url + "/other"))
                #expect(other.text == "other")
            }
            #expect(written.count < total * 3 / 4)
            var sum = 0
            for try await piece in response.body { sum += piece.count }
            #expect(sum == total)
        }
    }

    @Test func `letting the body go ends the transfer`() async throws {
        let (began, ended) = (Signal(), Signal())
        let server = RawServer { peer, _ in
            _ = peer.receiveHead()
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")
            began.set()
            peer.waitForEnd()
            ended.set()
        }
        do {
            let response = try await client.stream(HTTPRequest(.get, server.url))
            #expect(response.status == 200)
            await began.wait()
        }
        await ended.wait()
    }

    @Test func `a reader that is cancelled ends the transfer`() async throws {
        let (began, ended) = (Signal(), Signal())
        let server = RawServer { peer, _ in
            _ = peer.receiveHead()
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")
            peer.waitForEnd()
            ended.set()
        }
        let task = Task { [client] in
            let response = try await client.stream(HTTPRequest(.get, server.url))
            for try await _ in response.body { began.set() }
        }
        await began.wait()
        task.cancel()
        await #expect(throws: HTTPClientError.cancelled) { try await task.value }
        await ended.wait()
    }

    @Test func `a body that breaks or grows too long is an error after what came`() async throws {
        let server = RawServer { peer, _ in
            _ = peer.receiveHead()
            peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nhe")
        }
        for (limit, expected) in [(100, "hello"), (3, "")] {
            var request = HTTPRequest(.get, server.url)
            request.maxResponseBytes = limit
            var text = ""
            let error = await #expect(throws: HTTPClientError.self) {
                for try await piece in try await client.stream(request).body {
                    text += String(decoding: piece, as: UTF8.self)
                }
            }
            #expect(text.hasPrefix(expected))
            if limit == 3 { #expect(error == .tooLarge(limit: 3)) }
        }
    }

    @Test func `the end of the client ends its transfers`() async throws {
        let ended = Signal()
        let server = RawServer { peer, _ in
            _ = peer.receiveHead()
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")
            peer.waitForEnd()
            ended.set()
        }
        var short: HTTPClient? = HTTPClient()
        let response = try await short?.stream(HTTPRequest(.get, server.url))
        #expect(response?.status == 200)
        short = nil
        _ = consume response
        await ended.wait()
    }
}
