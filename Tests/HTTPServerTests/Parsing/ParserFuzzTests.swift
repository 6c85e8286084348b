import Kernel
import Testing

@testable import HTTPServer

/// Seeded mutations of good and bad inputs. Nothing may trap, and the way the bytes are cut may change nothing. The
/// coverage-guided sister of these tests is `script/fuzz`.
@Suite(.timeLimit(.minutes(5))) struct ParserFuzzTests {

    private static let spice: [[UInt8]] = [
        "\r\n", "\r", "\n", "\0", " ", "\t", ":", ";", "0", "f", "--", "--b", "\r\n--b", "\r\n--b--", "\r\n\r\n",
        "\u{FF}",
        "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Host: a\r\n", "\"", "%", "filename*=UTF-8''%C3",
    ].map { Array($0.utf8) }

    private func mutate(_ seed: [UInt8], _ numbers: inout SplitMix) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...4, using: &numbers) {
            let place = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &numbers)
            switch Int.random(in: 0..<5, using: &numbers) {
            case 0 where !bytes.isEmpty: bytes[place] = UInt8.random(in: 0...255, using: &numbers)
            case 1 where !bytes.isEmpty: bytes.remove(at: place)
            case 2 where !bytes.isEmpty: bytes.removeSubrange(place..<min(bytes.count, place + 8))
            case 3 where !bytes.isEmpty:
                let end = min(bytes.count, place + Int.random(in: 1...20, using: &numbers))
                bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
            default: bytes.insert(contentsOf: Self.spice.randomElement(using: &numbers) ?? [], at: place)
            }
        }
        return bytes
    }

    private func cut(_ bytes: [UInt8], _ numbers: inout SplitMix) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + Int.random(in: 1...30, using: &numbers))
            pieces.append(Array(bytes[start..<end]))
            start = end
        }
        return pieces
    }

    @Test func `heads`() {
        var numbers = SplitMix(state: 1)
        let seeds = (HeadParserTests.taken.map(\.0) + HeadParserTests.refused.map(\.0)).filter { $0.utf8.count < 500 }
        for round in 0..<6000 {
            let bytes = mutate(Array(seeds[round % seeds.count].utf8), &numbers)
            let whole = bytes.withUnsafeBufferPointer { HeadParser.parse($0) }
            guard case .complete(let head, let count) = whole else { continue }
            #expect(count <= bytes.count)
            // What was taken has one reading: one host, one framing, lines without controls.
            let headers = head.message.headers
            #expect(headers.all("Host").count <= 1)
            #expect(headers.all("Content-Length").count + headers.all("Transfer-Encoding").count <= 1)
            let lines = bytes[..<count].split(separator: 10, omittingEmptySubsequences: false)
            let text = String(decoding: bytes[..<count], as: UTF8.self).debugDescription
            #expect(
                lines.dropLast().allSatisfy { $0.last == 13 && $0.dropLast().allSatisfy { !isControlByte($0) } },
                "\(text)",
            )
            let half = Array(bytes[..<Int.random(in: 0..<count, using: &numbers)])
            guard case .incomplete = half.withUnsafeBufferPointer({ HeadParser.parse($0) }) else {
                Issue.record("the beginning of a good head is refused")
                continue
            }
        }
    }

    @Test func `chunks`() {
        var numbers = SplitMix(state: 2)
        let seeds = [
            "5\r\nhello\r\n0\r\n\r\n", "5;a=b\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\nX: 1\r\n\r\n",
            "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n",
        ]
        for round in 0..<6000 {
            let bytes = mutate(Array(seeds[round % seeds.count].utf8), &numbers)
            let whole = decode([bytes])
            let pieces = decode(cut(bytes, &numbers))
            #expect(whole.0 == pieces.0)
            if whole.0 != "malformed" { #expect(whole.1 == pieces.1) }
        }
    }

    private func decode(_ pieces: [[UInt8]]) -> (String, [UInt8]) {
        var decoder = ChunkedDecoder()
        var output: [UInt8] = []
        do {
            for piece in pieces { _ = try decoder.decode(piece[...], into: &output) }
        } catch { return ("malformed", []) }
        return ("\(decoder.isComplete)", output)
    }

    @Test func `forms`() {
        var numbers = SplitMix(state: 3)
        let seed = Array(
            """
            preamble\r\n--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nvalue\r\n--b \t\r\n\
            Content-Disposition: form-data; name="f"; filename="x.png"; filename*=UTF-8''%C3%A4.png\r\n\
            Content-Type: image/png\r\n\r\nbytes\r\n-\r\n--\r\n--b--\r\nepilogue
            """.utf8
        )
        for _ in 0..<6000 {
            let bytes = mutate(seed, &numbers)
            #expect(parts([bytes]) == parts(cut(bytes, &numbers)))
        }
    }

    private func parts(_ pieces: [[UInt8]]) -> String {
        var parser = MultipartParser(boundary: "b")
        var text = ""
        do {
            for piece in pieces {
                for event in try parser.feed(piece) {
                    switch event {
                    case .began(let headers): text += "\n\(headers)\n"
                    case .data(let bytes): text += bytes.map { "\($0)." }.joined()
                    case .ended: text += "\nended"
                    }
                }
            }
        } catch { return "malformed" }
        return text + "\(parser.isComplete)"
    }
}
