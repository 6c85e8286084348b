import HTTPServer
import Kernel
import Synchronization
import TestSupport
import Testing

@testable import HTTPClient

@Suite(.timeLimit(.minutes(5))) struct FailureTests {
    private let client = HTTPClient()

    @Test func `a server that says nothing is given up`() async {
        let server = RawServer { peer, _ in peer.waitForEnd() }
        let timeouts = HTTPTimeouts(total: .milliseconds(50))
        await #expect(throws: HTTPClientError.timedOut) {
            try await client.send(HTTPRequest(.get, server.url, timeouts: timeouts))
        }
        let idle = HTTPTimeouts(idle: .milliseconds(50), total: nil)
        await #expect(throws: HTTPClientError.timedOut) {
            try await client.send(HTTPRequest(.get, server.url, timeouts: idle))
        }
    }

    @Test func `nobody listening is told`() async throws {
        let url: String = { RawServer { _, _ in }.url }()
        await #expect {
            try await client.send(HTTPRequest(.get, url))
        } throws: { error in
            if case .unreachable = error as? HTTPClientError { true } else { false }
        }
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "garbage\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nX: " + String(repeating: "a", count: 400_000) + "\r\n\r\n",
    ])
    func `an answer that breaks is an error`(_ text: String) async {
        let server = RawServer { peer, _ in
            _ = peer.receiveHead()
            peer.send(text)
        }
        await #expect {
            try await client.send(HTTPRequest(.get, server.url))
        } throws: { error in
            if case .interrupted = error as? HTTPClientError { true } else { false }
        }
    }

    @Test func `cancelling closes the connection`() async {
        let (began, ended) = (Signal(), Signal())
        let server = RawServer { peer, _ in
            _ = peer.receiveHead()
            began.set()
            peer.waitForEnd()
            ended.set()
        }
        let task = Task { [client] in try await client.send(HTTPRequest(.get, server.url)) }
        await began.wait()
        task.cancel()
        await #expect(throws: HTTPClientError.cancelled) { try await task.value }
        await ended.wait()
    }

    @Test func `a task cancelled before sends nothing`() async {
        let server = RawServer { peer, _ in peer.waitForEnd() }
        let task = Task { [client] in
            while !Task.isCancelled { await Task.yield() }
            return try await client.send(HTTPRequest(.get, server.url))
        }
        task.cancel()
        await #expect(throws: HTTPClientError.cancelled) { try await task.value }
        #expect(server.count == 0)
    }

    @Test func `thousands that wait for a connection leave together`() async throws {
        // TLS never begins, so only a few get beyond the line.
        let silent = RawServer { peer, _ in peer.waitForEnd() }
        let request = {
            var request = HTTPRequest(.get, "https" + silent.url.dropFirst(4))
            request.sharesConnection = true
            return request
        }()
        let tasks = (0..<5000).map { _ in Task { [client] in try await client.send(request) } }
        while silent.count < 8 { await Task.yield() }
        for task in tasks { task.cancel() }
        for task in tasks { await #expect(throws: HTTPClientError.cancelled) { try await task.value } }
        let server = RawServer { peer, _ in
            _ = peer.receiveHead()
            peer.send(reply("ok"))
        }
        #expect(try await client.send(HTTPRequest(.get, server.url)).text == "ok")
    }

    // MARK: Tries

    /// A server that answers 503 until the third try.
    private func flaky(_ fields: String = "X: 1") -> RawServer {
        RawServer { peer, number in
            _ = peer.receiveHead()
            let close = "Connection: close\r\n" + fields
            peer.send(number < 2 ? reply("no", status: "503 Busy", fields: close) : reply("yes", fields: close))
        }
    }

    private func send(_ request: HTTPRequest, waits: Int) async throws -> HTTPResponse {
        let time = ManualTime()
        let client = HTTPClient(time: time, chance: { 1 })
        let task = Task { try await client.send(request) }
        for _ in 0..<waits {
            await time.untilSleepers(1)
            time.advance(by: .seconds(20))
        }
        return try await task.value
    }

    @Test(arguments: HTTPMethod.allCases)
    func `only what may be done twice is tried again`(_ method: HTTPMethod) async throws {
        let server = flaky()
        let request = HTTPRequest(method, server.url, retry: HTTPRetry(attempts: 3))
        let response = try await send(request, waits: method.isIdempotent ? 2 : 0)
        #expect(response.status == (method.isIdempotent ? 200 : 503))
        #expect(server.count == (method.isIdempotent ? 3 : 1))
    }

    @Test func `an idempotency key makes a POST repeatable`() async throws {
        let server = flaky()
        let headers: HTTPHeaders = ["Idempotency-Key": "1"]
        let request = HTTPRequest(
            .post,
            server.url,
            headers: headers,
            body: .bytes([1]),
            retry: HTTPRetry(attempts: 3),
        )
        #expect(try await send(request, waits: 2).status == 200)
    }

    @Test func `the tries end`() async throws {
        let server = flaky()
        #expect(try await send(HTTPRequest(.get, server.url, retry: HTTPRetry(attempts: 2)), waits: 1).status == 503)
        #expect(server.count == 2)
    }

    @Test func `a server that asks for a long wait gets no other try`() async throws {
        let server = flaky("Retry-After: 60")
        #expect(try await send(HTTPRequest(.get, server.url, retry: HTTPRetry(attempts: 3)), waits: 0).status == 503)
        let patient = flaky("Retry-After: 9")
        #expect(try await send(HTTPRequest(.get, patient.url, retry: HTTPRetry(attempts: 3)), waits: 2).status == 200)
    }

    @Test func `a broken connection is tried again`() async throws {
        let server = RawServer { peer, number in
            _ = peer.receiveHead()
            if number > 0 { peer.send(reply("yes")) }
        }
        #expect(try await send(HTTPRequest(.get, server.url, retry: HTTPRetry(attempts: 2)), waits: 1).text == "yes")
    }

    @Test func `the waits are random parts of doubling bounds`() {
        let retry = HTTPRetry(attempts: 9, base: .milliseconds(100), longest: .seconds(1))
        #expect((1...6).map { retry.delay(after: $0, chance: 1).milliseconds } == [100, 200, 400, 800, 1000, 1000])
        #expect(retry.delay(after: 3, chance: 0.5) == .milliseconds(200))
        #expect(retry.delay(after: 3, chance: 0) == .zero)
    }
}
