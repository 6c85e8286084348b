import Kernel
import Testing

@testable import HTTPServer

struct AcceptTests {
    @Test(arguments: [
        ("text/html", true), ("text/*;q=0.5", true), ("application/json, TEXT/HTML", true), ("*/*", false),
        ("text/plain", false),
        ("text/html;q=0", false), ("text/html;q=0.0", false), ("text/html; level=1", true), ("", false),
    ])
    func `accepts`(_ header: String, _ accepts: Bool) {
        #expect(Request(.get, "/", headers: ["Accept": header]).accepts("text/html") == accepts)
    }
}

struct EventWriterTests {
    private func text(_ write: @escaping @Sendable (EventWriter) async throws -> Void) async throws -> String {
        String(decoding: try await Response.events(write).body.collect(), as: UTF8.self)
    }

    @Test func `writes events as pages read them`() async throws {
        #expect(try await text { try await $0.send(data: "a") } == "data: a\n\n")
        #expect(try await text { try await $0.send(data: "") } == "data: \n\n")
        #expect(try await text { try await $0.setRetry(after: 3000) } == "retry: 3000\n\n")
        #expect(
            try await text { try await $0.send(event: "e", data: "a\nb\r\nc\rd", id: "1") }
                == "event: e\nid: 1\ndata: a\ndata: b\ndata: c\ndata: d\n\n"
        )
    }

    @Test func `no text can begin another field`() async throws {
        let written = try await text { try await $0.send(event: "a\ndata: x", data: "b\r\revent: y", id: "1\r\n2\0") }
        #expect(written == "event: adata: x\nid: 12\ndata: b\ndata: \ndata: event: y\n\n")
    }

    @Test func `JSON with separators of lines stays in one line`() async throws {
        let json = "{\"a\":\"x\u{2028}y\u{85}z\u{0B}\"}"
        #expect(try await text { try await $0.send(data: json) } == "data: \(json)\n\n")
    }
}

struct ProblemTests {
    @Test func `errors are problem details`() async throws {
        let error = HTTPError.invalidParameter(name: "limit", reason: "Use a whole number.")
        let response = Response.problem(error, requestID: "abc")
        let text = String(decoding: try await response.body.collect(), as: UTF8.self)
        #expect(response.status == 422)
        #expect(response.headers["Content-Type"] == "application/problem+json")
        for part in [
            "\"status\":422", "\"code\":\"invalid_parameter\"", "\"field\":\"limit\"", "\"request_id\":\"abc\"",
        ] {
            #expect(text.contains(part))
        }
    }

    @Test func `a file name cannot break the header it stands in`() throws {
        let path = "/proc/self/status"
        for (name, expected) in [
            ("a.png", "inline; filename=\"a.png\""),
            ("a\"b\\c.png", "inline; filename=\"a_b_c.png\"; filename*=UTF-8''a%22b%5Cc.png"),
            ("ä\r\n.png", "inline; filename=\"___.png\"; filename*=UTF-8''%C3%A4%0D%0A.png"),
        ] {
            let request = Request(.get, "/")
            let response = try Response.file(path: path, request: request, contentType: "a/b", filename: name)
            #expect(response.headers["Content-Disposition"] == expected)
        }
    }
}

struct RequestBodyTests {
    @Test func `is collected up to a limit`() async throws {
        let bytes = [UInt8](repeating: 1, count: 100)
        for length in [100, nil] {
            let body = { RequestBody(source: BytesSource(bytes, pieceBytes: 7), length: length) }
            #expect(try await body().collect(upTo: 100) == bytes)
            await #expect(throws: HTTPError.contentTooLarge(limitBytes: 99)) { try await body().collect(upTo: 99) }
        }
        #expect(try await RequestBody.empty.collect(upTo: 0) == [])
    }

    @Test func `a route's limit counts what arrives`() async throws {
        var body = RequestBody(source: BytesSource([UInt8](repeating: 1, count: 100), pieceBytes: 30), length: nil)
        body.limit = 50
        #expect(try await body.next()?.count == 30)
        await #expect(throws: HTTPError.contentTooLarge(limitBytes: 50)) { try await body.next() }
    }
}
