import Testing

@testable import HTTPServer

struct ChunkedDecoderTests {
    @Test(arguments: [
        ("0\r\n\r\n", ""),
        ("5\r\nhello\r\n0\r\n\r\n", "hello"),
        ("05\r\nhello\r\n00000000\r\n\r\n", "hello"),
        ("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"),
        ("5;name=value;other\r\nhello\r\n0;x\r\n\r\n", "hello"),
        ("5;q=\"a;b\"\r\n\r\n\r\n\r\n\r\n0\r\n\r\n", nil),
        ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
        ("3\r\nabc\r\n0\r\nTrailer: 1\r\nOther: 2\r\n\r\n", "abc"),
    ])
    func `takes chunks off however they are cut`(_ text: String, _ data: String?) {
        expectSame(text, data)
    }

    @Test(arguments: [
        "0x5\r\nhello\r\n", "+5\r\nhello\r\n", "-1\r\n", " 5\r\nhello\r\n", "5 \r\nhello\r\n", "5\nhello\r\n",
        "5\r\r\n",
        "000000005\r\nhello\r\n", "123456789\r\n", "g\r\n", "\r\n", ";a\r\n", "5\r\nhelloX", "5\r\nhello\rX",
        "5\r\nhello\n0\r\n\r\n", "5;a\nb\r\n", "5;\0\r\n", "0\r\nX: a\nb\r\n\r\n", "0\r\n\rX", "0\r\nX: a\rb\r\n",
        "5;" + String(repeating: "a", count: 17_000) + "\r\n",
        "0\r\nX: " + String(repeating: "a", count: 17_000) + "\r\n",
        String(repeating: "1;" + String(repeating: "a", count: 4000) + "\r\nx\r\n", count: 5),
    ])
    func `refuses what is malformed however it is cut`(_ text: String) {
        expectSame(text, nil)
    }

    @Test func `leaves what follows the body`() throws {
        var decoder = ChunkedDecoder()
        var output: [UInt8] = []
        let body = "1\r\nx\r\n0\r\n\r\n"
        let taken = try decoder.decode(Array((body + "GET / HTTP/1.1").utf8)[...], into: &output)
        #expect(taken == body.utf8.count)
        #expect(decoder.isComplete)
        #expect(try decoder.decode([1, 2, 3], into: &output) == 0)
    }

    /// All at once, byte by byte, and cut in two at every place.
    private func expectSame(_ text: String, _ data: String?) {
        let bytes = Array(text.utf8)
        #expect(decode([bytes]) == data)
        #expect(decode(bytes.map { [$0] }) == data)
        guard bytes.count < 1000 else { return }
        for place in 1..<bytes.count { #expect(decode([Array(bytes[..<place]), Array(bytes[place...])]) == data) }
    }

    private func decode(_ pieces: [[UInt8]]) -> String? {
        var decoder = ChunkedDecoder()
        var output: [UInt8] = []
        do {
            for piece in pieces { _ = try decoder.decode(piece[...], into: &output) }
        } catch { return nil }
        return decoder.isComplete ? String(decoding: output, as: UTF8.self) : nil
    }
}
