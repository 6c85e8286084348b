import HTTPClient
import HTTPServer
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HTTPClientTests {
    @Test func answerComesWithStatusHeadersAndBody() async throws {
        try await withPeer {
            $0.get("/hello") { request in
                Response(
                    status: 201,
                    headers: ["X-Seen": request.headers["X-Sent"] ?? ""],
                    body: .bytes(Array("hi".utf8)),
                )
            }
        } _: { url in
            let answer = try await HTTPClient().send(HTTPRequest(.get, "\(url)/hello", headers: ["X-Sent": "1"]))
            #expect(answer.status == 201)
            #expect(answer.headers["x-seen"] == "1")
            #expect(answer.text == "hi")
            #expect(answer.url == "\(url)/hello")
        }
    }

    @Test func formArrivesWithItsFieldsAndFile() async throws {
        let folder = try TemporaryFolder()
        try await withPeer {
            $0.post("/form") { request in
                let form = try await request.multipart(spoolFolder: folder.path)
                let file = try form.file("file")?.bytes().count ?? 0
                return Response(status: 200, body: .bytes(Array("\(form.field("bucket") ?? "") \(file)".utf8)))
            }
        } _: { url in
            let parts = [
                HTTPFormPart.text("bucket", "b"), HTTPFormPart("file", .bytes([1, 2, 3]), filename: "a.bin"),
            ]
            let answer = try await HTTPClient().send(HTTPRequest(.post, "\(url)/form", body: .multipart(parts)))
            #expect(answer.text == "b 3")
        }
    }

    @Test func redirectIsTheAnswerUnlessFollowingWasAskedFor() async throws {
        try await withPeer {
            $0.get("/from") { _ in .redirect(to: "/to", status: 307) }
            $0.get("/to") { _ in Response(status: 204) }
            $0.get("/round") { _ in .redirect(to: "/round", status: 307) }
        } _: { url in
            let client = HTTPClient()
            let untouched = try await client.send(HTTPRequest(.get, "\(url)/from"))
            #expect(untouched.status == 307)
            let followed = try await client.send(HTTPRequest(.get, "\(url)/from", redirects: .follow(1)))
            #expect(followed.url == "\(url)/to")
            await #expect(throws: HTTPClientError.tooManyRedirects) {
                try await client.send(HTTPRequest(.get, "\(url)/round", redirects: .follow(3)))
            }
        }
    }

    @Test func longerAnswerThanAllowedIsAnError() async throws {
        try await withPeer {
            $0.get("/long") { _ in Response(status: 200, body: .bytes([UInt8](repeating: 0, count: 1001))) }
        } _: { url in
            await #expect(throws: HTTPClientError.tooLarge(limit: 1000)) {
                try await HTTPClient().send(HTTPRequest(.get, "\(url)/long", maxResponseBytes: 1000))
            }
            let whole = try await HTTPClient().send(HTTPRequest(.get, "\(url)/long", maxResponseBytes: 1001))
            #expect(whole.body.count == 1001)
        }
    }

    @Test("only what may be repeated is sent again", arguments: [(HTTPMethod.get, 3), (.post, 1)])
    func retry(method: HTTPMethod, tries: Int) async throws {
        let seen = Counter()
        try await withPeer {
            let handler: Handler = { _ in
                seen.value.withLock { $0 += 1 }
                return Response(status: 503)
            }
            $0.get("/busy", handler)
            $0.post("/busy", handler)
        } _: { url in
            let retry = HTTPRetry(attempts: 3, base: .zero)
            let answer = try await HTTPClient().send(HTTPRequest(method, "\(url)/busy", retry: retry))
            #expect(answer.status == 503)
            #expect(seen.value.withLock { $0 } == tries)
        }
    }

    @Test func privateAddressIsRefusedWhereOnlyPublicOnesAreAllowed() async throws {
        try await withPeer {
            $0.get("/inside") { _ in Response(status: 200) }
        } _: { url in
            var settings = HTTPClientSettings()
            settings.destinations = .publicOnly
            let client = HTTPClient(settings)
            for address in [url, url.replacing("127.0.0.1", with: "localhost")] {
                await #expect(throws: HTTPClientError.forbiddenAddress) {
                    try await client.send(HTTPRequest(.get, "\(address)/inside"))
                }
            }
        }
    }

    @Test(
        "a request that two programs could read differently is never sent",
        arguments: [
            "ftp://127.0.0.1/", "file:///etc/passwd", "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y",
        ],
    )
    func badURL(url: String) async {
        let error = await #expect(throws: HTTPClientError.self) {
            try await HTTPClient().send(HTTPRequest(.get, url))
        }
        #expect(error?.code == "bad_outgoing_request")
    }

    @Test func cancellingTheTaskEndsTheRequest() async throws {
        let (arrivals, arrived) = AsyncStream<Void>.makeStream()
        try await withPeer {
            $0.get("/parked") { _ in
                arrived.yield()
                try await Task.sleep(for: .seconds(3600))
                return Response(status: 200)
            }
        } _: { url in
            let task = Task { try await HTTPClient().send(HTTPRequest(.get, "\(url)/parked")) }
            for await _ in arrivals { break }
            task.cancel()
            await #expect(throws: HTTPClientError.cancelled) { try await task.value }
        }
    }
}

private final class Counter: Sendable {
    let value = Mutex(0)
}
