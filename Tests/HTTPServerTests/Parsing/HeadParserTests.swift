import Testing

@testable import HTTPServer

struct HeadParserTests {
    private static func request(_ fields: String, line: String = "GET / HTTP/1.1") -> String {
        "\(line)\r\nHost: a\r\n\(fields)\r\n\r\n"
    }

    /// What RFC 9112 lets or makes a server refuse, with the status that tells why.
    static let refused: [(String, Int)] = [
        (request("Content-Length: 5\r\nTransfer-Encoding: chunked"), 400),
        (request("Transfer-Encoding: chunked\r\nContent-Length: 5"), 400),
        (request("Content-Length: 5\r\nContent-Length: 6"), 400),
        (request("Content-Length: 5\r\nContent-Length: 5"), 400),
        (request("Content-Length: 5, 5"), 400),
        (request("Content-Length: +5"), 400),
        (request("Content-Length: -5"), 400),
        (request("Content-Length: 0x5"), 400),
        (request("Content-Length: 5 5"), 400),
        (request("Content-Length:"), 400),
        (request("Content-Length: 5\u{0B}"), 400),
        (request("Content-Length: ٥"), 400),
        (request("Content-Length: 9999999999999999999"), 400),
        (request("Content-Length : 5"), 400),
        (request("Content-Length\t: 5"), 400),
        (request("X: a\rb"), 400),
        (request("X: a\nb"), 400),
        (request("X: a\r\n\rContent-Length: 5"), 400),
        (request("X: a", line: "GET / HTTP/1.1\r\n\rY: b"), 400),
        (request("X: a\0b"), 400),
        (request("X: a\u{7F}b"), 400),
        (request("X: a\u{1}b"), 400),
        (request("X: a\r\n folded"), 400),
        (request("X: a\r\n\tfolded"), 400),
        (request(" X: a"), 400),
        (request("no colon"), 400),
        (request(": no name"), 400),
        (request("X(: a"), 400),
        (request("Ä: a"), 400),
        (request("Host: b"), 400),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nX: 1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400),
        (request("Transfer-Encoding: xchunked"), 501),
        (request("Transfer-Encoding: chunked, chunked"), 501),
        (request("Transfer-Encoding: gzip, chunked"), 501),
        (request("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 501),
        (request("Transfer-Encoding: identity"), 501),
        (request("Transfer-Encoding:"), 501),
        (request("Transfer-Encoding: \"chunked\""), 501),
        (request("Transfer-Encoding: chunked", line: "POST / HTTP/1.0"), 400),
        (request("X: 1", line: "GET / HTTP/2.0"), 505),
        (request("X: 1", line: "GET / HTTP/1.2"), 505),
        (request("X: 1", line: "GET / HTTP/0.9"), 505),
        (request("X: 1", line: "GET / http/1.1"), 400),
        (request("X: 1", line: "GET / HTTP/1.1 "), 505),
        (request("X: 1", line: "GET  / HTTP/1.1"), 400),
        (request("X: 1", line: "GET /  HTTP/1.1"), 400),
        (request("X: 1", line: "GET\t/ HTTP/1.1"), 400),
        (request("X: 1", line: "GET / a HTTP/1.1"), 400),
        (request("X: 1", line: " GET / HTTP/1.1"), 400),
        (request("X: 1", line: "GET /"), 400),
        (request("X: 1", line: "GET"), 400),
        (request("X: 1", line: "GET /ä HTTP/1.1"), 400),
        (request("X: 1", line: "GET /\u{7F} HTTP/1.1"), 400),
        (request("X: 1", line: "G{T / HTTP/1.1"), 400),
        (request("X: 1", line: String(repeating: "G", count: 33) + " / HTTP/1.1"), 400),
        ("\r\n\r\n", 400),
        ("\u{16}\u{3}\u{1}", 400),
        (request((0..<100).map { "X-\($0): 1" }.joined(separator: "\r\n")), 431),
        (request("X: " + String(repeating: "a", count: 32_768)), 431),
    ]

    @Test(arguments: refused) func `refuses`(_ text: String, _ status: Int) {
        guard case .refused(let error) = parse(text) else {
            Issue.record("taken: \(text.debugDescription)")
            return
        }
        #expect(error.status == status)
    }

    static let taken: [(String, RequestHead.Framing)] = [
        (request("X: 1"), .none),
        ("\r\n" + request("X: 1"), .none),
        ("GET / HTTP/1.0\r\n\r\n", .none),
        ("GET / HTTP/1.1\r\nHost:\r\n\r\n", .none),
        (request("Content-Length: 0"), .none),
        (request("Content-Length: 5"), .length(5)),
        (request("content-length:\t 0005 \t"), .length(5)),
        (request("Content-Length: 999999999999999999"), .length(999_999_999_999_999_999)),
        (request("Transfer-Encoding: Chunked"), .chunked),
        (request("X: ä\u{1F600}"), .none),
        (request("X:"), .none),
        (request("X: a\tb"), .none),
        (request((0..<99).map { "X-\($0): 1" }.joined(separator: "\r\n")), .none),
    ]

    @Test(arguments: taken) func `takes`(_ text: String, _ framing: RequestHead.Framing) {
        guard case .complete(let head, let count) = parse(text + "rest") else {
            Issue.record("refused: \(text.debugDescription)")
            return
        }
        #expect(head.framing == framing)
        #expect(count == text.utf8.count)
    }

    @Test func `however the bytes are cut the verdict is the same`() {
        for text in Self.refused.map(\.0) + Self.taken.map(\.0) where text.utf8.count < 2000 {
            let bytes = Array(text.utf8)
            let whole = verdict(bytes)
            for end in 0..<bytes.count {
                let part = verdict(Array(bytes[..<end]))
                #expect(part == "incomplete" || part == whole, "\(text.debugDescription) cut at \(end)")
                if whole.hasPrefix("complete") { #expect(part == "incomplete") }
            }
        }
    }

    @Test func `a head that never ends is refused at the limit`() {
        let endless = Array("GET / HTTP/1.1\r\nX: ".utf8) + [UInt8](repeating: UInt8(ascii: "a"), count: 40_000)
        #expect(verdict(Array(endless[..<32_768])) == "incomplete")
        #expect(verdict(endless) == "refused 431")
    }

    @Test func `reads what the request says`() throws {
        let text = "POST /a%20b?x=1&y HTTP/1.1\r\nHost: example.org:80\r\nx-Name:  value \r\nX-Name: two\r\n\r\n"
        guard case .complete(let head, _) = parse(text) else { throw HTTPError.notFound }
        let request = Request(head: head.message, body: .empty, peer: .loopback, control: nil)
        #expect(request.method == .post)
        #expect(request.path == "/a b")
        #expect(request.target == "/a%20b?x=1&y")
        #expect(request.query["x"] == "1")
        #expect(request.host == "example.org:80")
        #expect(request.headers.all("X-NAME") == ["value", "two"])
        #expect(request.headers.count == 3)
    }

    @Test(arguments: [
        ("HTTP/1.1", "X: 1", true), ("HTTP/1.1", "Connection: close", false),
        ("HTTP/1.1", "Connection: upgrade,Close", false), ("HTTP/1.0", "X: 1", false),
        ("HTTP/1.0", "Connection: Keep-Alive", true), ("HTTP/1.0", "Connection: keep-alive, close", false),
    ])
    func `knows whether the connection stays`(_ version: String, _ field: String, _ stays: Bool) {
        guard case .complete(let head, _) = parse(Self.request(field, line: "GET / \(version)")) else {
            Issue.record("refused")
            return
        }
        #expect(head.keepsAlive == stays)
        #expect(head.isVersion11 == (version == "HTTP/1.1"))
    }

    @Test func `only HTTP 1.1 can wait for 100 Continue`() {
        for (version, expects) in [("1.1", true), ("1.0", false)] {
            let text = Self.request("Expect: 100-Continue", line: "POST / HTTP/\(version)")
            guard case .complete(let head, _) = parse(text) else {
                Issue.record("refused")
                continue
            }
            #expect(head.expectsContinue == expects)
        }
    }

    private func parse(_ text: String) -> HeadParse {
        Array(text.utf8).withUnsafeBufferPointer { HeadParser.parse($0) }
    }

    private func verdict(_ bytes: [UInt8]) -> String {
        switch bytes.withUnsafeBufferPointer({ HeadParser.parse($0) }) {
        case .incomplete: "incomplete"
        case .complete(let head, let count): "complete \(count) \(head.framing) \(head.message.method)"
        case .refused(let error): "refused \(error.status)"
        }
    }
}
