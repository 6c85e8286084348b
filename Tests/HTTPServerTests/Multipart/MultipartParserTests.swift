import Testing

@testable import HTTPServer

struct MultipartParserTests {
    private struct Part: Equatable {
        var headers: PartHeaders
        var data: [UInt8] = []
        var hasEnded = false
    }

    private func parse(_ pieces: [[UInt8]], boundary: String = "b") throws(HTTPError) -> ([Part], isComplete: Bool) {
        var parser = MultipartParser(boundary: boundary)
        var parts: [Part] = []
        for piece in pieces {
            for event in try parser.feed(piece) {
                switch event {
                case .began(let headers): parts.append(Part(headers: headers))
                case .data(let bytes): parts[parts.count - 1].data += bytes
                case .ended: parts[parts.count - 1].hasEnded = true
                }
            }
        }
        return (parts, parser.isComplete)
    }

    private func part(_ headers: String, _ data: String) -> String { "--b\r\n\(headers)\r\n\r\n\(data)\r\n" }

    @Test func `however the bytes are cut the parts are the same`() throws {
        let data = "line\r\n--\r\n-b\r\n--a\r\n"
        let text =
            "preamble\r\n" + part("Content-Disposition: form-data; name=\"a\"", "value") + "--b \t\r\n"
            + "content-disposition: form-data; name=f; filename=\"x.png\"\r\nContent-Type: image/png\r\n\r\n\(data)\r\n"
            + part("Content-Disposition: form-data; name=\"empty\"", "") + "--b--\r\nepilogue --b"
        let bytes = Array(text.utf8)
        let (whole, isComplete) = try parse([bytes])
        #expect(isComplete)
        #expect(whole.map(\.headers.name) == ["a", "f", "empty"])
        #expect(whole.map { String(decoding: $0.data, as: UTF8.self) } == ["value", data, ""])
        #expect(whole.map(\.hasEnded) == [true, true, true])
        #expect(whole[1].headers.filename == "x.png")
        #expect(whole[1].headers.contentType == "image/png")
        #expect(try parse(bytes.map { [$0] }).0 == whole)
        for place in 1..<bytes.count {
            #expect(try parse([Array(bytes[..<place]), Array(bytes[place...])]).0 == whole, "cut at \(place)")
        }
    }

    @Test func `headers of exactly the limit are taken and longer ones refused, however they are cut`() throws {
        for (length, isTaken) in [(8192, true), (8193, false)] {
            let start = "Content-Disposition: form-data; name=\"a\"\r\nX: "
            // The line end after the delimiter counts too.
            let headers = start + String(repeating: "x", count: length - 2 - start.utf8.count)
            let bytes = Array((part(headers, "value") + "--b--").utf8)
            for end in [bytes.count] + Array(8180..<8205) {
                let pieces = [Array(bytes[..<end]), Array(bytes[end...])]
                #expect(((try? parse(pieces)) != nil) == isTaken, "\(length) cut at \(end)")
            }
        }
    }

    @Test(arguments: [
        "--bX\r\n", "--b X\r\n", "--b\nX", "--b-\r\n", "--b" + String(repeating: " ", count: 65) + "\r\n",
        "--b\r\n\r\n", "--b\r\nContent-Disposition: form-data\r\n\r\n", "--b\r\nContent-Type: a/b\r\n\r\n",
        "--b\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n", "--b\r\nno colon\r\n\r\n",
        "--b\r\nX: " + String(repeating: "a", count: 9000),
    ])
    func `refuses what is malformed however it is cut`(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(throws: HTTPError.self) { try parse([bytes]) }
        #expect(throws: HTTPError.self) { try parse(bytes.map { [$0] }) }
    }

    @Test(arguments: [
        "", "--b", "--b\r\n", "preamble", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue\r\n",
    ])
    func `what ends early is not complete`(_ text: String) throws {
        #expect(try !parse([Array(text.utf8)]).isComplete)
    }

    @Test(arguments: [
        ("name=\"a\"", "a", nil), ("name=a", "a", nil), ("NAME=\"a\"", "a", nil),
        ("name=\"a\"; filename=\"\"", "a", ""),
        ("name=\"a\"; filename=\"x.png\"", "a", "x.png"), ("name=\"a;b\"", "a;b", nil),
        ("name=\"a\\\"b\"", "a\"b", nil),
        ("name=\"a\"; filename=\"C:\\dir\\x.png\"", "a", "x.png"),
        ("name=\"a\"; filename=\"../../etc/passwd\"", "a", "passwd"),
        ("name=\"a\"; filename=\"a%22b.png\"", "a", "a\"b.png"),
        ("name=\"a\"; filename=\"100%.png\"", "a", "100%.png"),
        ("name=\"a%0D%0Ab\"", "a  b", nil), ("name=\"a\"; filename=\"ä.png\"", "a", "ä.png"),
        ("name=\"a\"; filename=\"_.png\"; filename*=UTF-8''%C3%A4%20b.png", "a", "ä b.png"),
        ("name=\"a\"; filename*=utf-8'en'x.png; filename=\"y.png\"", "a", "x.png"),
        ("name=\"a\"; filename=\"y.png\"; filename*=ISO-8859-1''%E4.png", "a", "y.png"),
        ("name=\"a\"; filename=\"y.png\"; filename*=UTF-8''%E4.png", "a", "y.png"),
        ("name=\"a\"; filename=\"y.png\"; filename*=UTF-8''%C3%ZZ", "a", "y.png"),
        ("name=\"a\"; filename*=UTF-8''..%2F..%2Fx%00.png", "a", "x.png"),
        ("name=\"a\"; filename=\"\u{301}x.png\"", "a", "\u{301}x.png"), ("name=\"a\u{301}\"", "a\u{301}", nil),
        ("name=\"\"", "", nil), ("x=\"name=b\"; name=\"a\"", "a", nil), ("name = \"a\"", "a", nil),
    ])
    func `reads names as clients send them`(_ parameters: String, _ name: String, _ filename: String?) throws {
        let headers = try PartHeaders(Array("\r\nContent-Disposition: form-data; \(parameters)".utf8)[...])
        #expect(headers.name == name)
        #expect(headers.filename == filename)
    }
}
