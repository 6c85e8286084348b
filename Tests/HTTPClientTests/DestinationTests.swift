import HTTPServer
import Synchronization
import Testing

@testable import HTTPClient

/// Where a client that follows strangers' URLs may connect to.
@Suite(.timeLimit(.minutes(5))) struct DestinationTests {
    private func guarded(_ allowing: [String] = []) throws -> HTTPClient {
        var settings = HTTPClientSettings()
        settings.destinations = .publicOnly(allowing: try allowing.map { try #require(IPNetwork($0)) })
        return HTTPClient(settings)
    }

    @Test(arguments: [
        "http://127.0.0.1:PORT/", "http://localhost:PORT/", "http://127.1:PORT/", "http://2130706433:PORT/",
        "http://0x7f000001:PORT/", "http://0177.0.0.1:PORT/", "http://[::ffff:127.0.0.1]:PORT/", "http://0.0.0.0:PORT/",
        "http://[::ffff:7f00:1]:PORT/", "http://user@127.0.0.1:PORT/",
    ])
    func `however this machine is written it is not reached`(_ url: String) async throws {
        let server = RawServer { peer, _ in
            _ = peer.receiveHead()
            peer.send(reply("secret"))
        }
        let port = String(server.url.split(separator: ":")[2])
        let request = HTTPRequest(.get, url.split(separator: "PORT").joined(separator: port))
        await #expect(throws: HTTPClientError.forbiddenAddress) { try await guarded().send(request) }
        await #expect(throws: HTTPClientError.forbiddenAddress) { try await guarded().stream(request) }
        #expect(server.count == 0)
    }

    @Test func `a redirect does not lead inside`() async throws {
        // 127.0.0.1 is allowed here and 127.0.0.2 is not: as a public server that redirects to a private one.
        let inside = RawServer { peer, _ in peer.waitForEnd() }
        let port = inside.url.split(separator: ":")[2]
        let outside = RawServer { peer, _ in
            _ = peer.receiveHead()
            peer.send(reply("", status: "302 Found", fields: "Location: http://127.0.0.2:\(port)/"))
            peer.waitForEnd()
        }
        let client = try guarded(["127.0.0.1/32"])
        await #expect(throws: HTTPClientError.forbiddenAddress) {
            try await client.send(HTTPRequest(.get, outside.url, redirects: .follow(3)))
        }
        #expect(outside.count == 1)
        #expect(inside.count == 0)
    }

    @Test func `an allowed network is reached`() async throws {
        let server = RawServer { peer, _ in
            _ = peer.receiveHead()
            peer.send(reply("in"))
        }
        #expect(try await guarded(["127.0.0.0/8"]).send(HTTPRequest(.get, server.url)).text == "in")
    }

    // MARK: Redirects

    private static func routes(_ router: inout Router) {
        router.get("/once") { _ in .redirect(to: "/end", status: 302) }
        router.get("/loop") { _ in .redirect(to: "/loop", status: 307) }
        router.post("/once") { _ in .redirect(to: "/end", status: 302) }
        router.get("/file") { _ in .redirect(to: "file:///etc/passwd", status: 302) }
        router.get("/end") { request in .text(request.headers["Authorization"] ?? "none") }
    }

    @Test func `redirects are followed when asked for, as often as asked for`() async throws {
        let client = HTTPClient()
        try await withServer(Self.routes) { url in
            #expect(try await client.send(HTTPRequest(.get, url + "/once")).status == 302)
            let followed = try await client.send(HTTPRequest(.get, url + "/once", redirects: .follow(1)))
            #expect(followed.status == 200)
            #expect(followed.url == url + "/end")
            await #expect(throws: HTTPClientError.tooManyRedirects) {
                try await client.send(HTTPRequest(.get, url + "/loop", redirects: .follow(5)))
            }
            #expect(try await client.send(HTTPRequest(.post, url + "/once", redirects: .follow(5))).status == 302)
            await #expect(throws: HTTPClientError.self) {
                try await client.send(HTTPRequest(.get, url + "/file", redirects: .follow(5)))
            }
            let streamed = try await client.stream(HTTPRequest(.get, url + "/once", redirects: .follow(1)))
            #expect(streamed.status == 200)
        }
    }

    @Test func `another host does not get the credentials`() async throws {
        let client = HTTPClient()
        let seen = Mutex("")
        let other = RawServer { peer, _ in
            let head = peer.receiveHead()
            seen.withLock { $0 = head }
            peer.send(reply("end"))
        }
        // The same machine under another name is another host.
        let elsewhere = other.url.split(separator: "127.0.0.1").joined(separator: "localhost")
        try await withServer({ router in router.get("/") { _ in .redirect(to: elsewhere + "/", status: 302) } }) {
            url in
            let headers: HTTPHeaders = ["Authorization": "Bearer secret", "Cookie": "secret", "X-Other": "kept"]
            let response = try await client.send(HTTPRequest(.get, url + "/", headers: headers, redirects: .follow(1)))
            #expect(response.text == "end")
        }
        let head = seen.withLock { $0 }
        #expect(head.contains("X-Other: kept"))
        #expect(!head.contains("secret"))
    }
}
