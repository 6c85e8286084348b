import Kernel
import Testing

@Suite struct DigestTests {
    /// Source: FIPS 180-4 examples (NIST, "SHA256.pdf") and the empty message.
    static let hashes: [(message: String, digest: String)] = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
        (
            String(repeating: "a", count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
        ),
    ]

    @Test("SHA-256 of the standard's messages, at once and in pieces", arguments: hashes)
    func sha256(example: (message: String, digest: String)) {
        let message = Array(example.message.utf8)
        #expect(Digest.sha256(message).hexadecimal == example.digest)
        for size in [1000, 65_536] {
            var stream = SHA256Stream()
            for start in stride(from: 0, to: message.count, by: size) {
                let piece = Array(message[start..<min(start + size, message.count)])
                if size == 1000 { stream.update(piece) } else { piece.withUnsafeBytes { stream.update($0) } }
            }
            #expect(stream.finalize().hexadecimal == example.digest)
        }
    }

    /// Source: RFC 1321, A.5.
    @Test(
        "MD5 of the RFC's messages, in pieces",
        arguments: [
            ("", "d41d8cd98f00b204e9800998ecf8427e"), ("abc", "900150983cd24fb0d6963f7d28e17f72"),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                "57edf4a22be3c955ac49da2e2107b67a",
            ),
        ],
    )
    func md5(message: String, digest: String) {
        var stream = MD5Stream()
        for byte in message.utf8 { [byte].withUnsafeBytes { stream.update($0) } }
        #expect(stream.finalize().hexadecimal == digest)
    }

    /// Source: RFC 4231, 4.2, 4.3, 4.4, 4.7.
    static let codes: [(key: [UInt8], message: [UInt8], code: String)] = [
        (
            Array(repeating: 0x0b, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            Array(repeating: 0xaa, count: 20), Array(repeating: 0xdd, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
        (
            Array(repeating: 0xaa, count: 131),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
    ]

    @Test("HMAC-SHA-256 of the RFC's messages", arguments: codes)
    func hmac(example: (key: [UInt8], message: [UInt8], code: String)) {
        #expect(Digest.hmacSHA256(example.message, key: example.key).hexadecimal == example.code)
    }

    /// Source: RFC 4648, 10, in the URL alphabet without padding.
    static let texts: [(plain: String, encoded: String)] = [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"),
    ]

    @Test("base64url of the RFC's texts", arguments: texts)
    func base64URL(example: (plain: String, encoded: String)) {
        #expect(Array(example.plain.utf8).base64URL == example.encoded)
        let padding = String(repeating: "=", count: (4 - example.encoded.count % 4) % 4)
        #expect(Array(example.plain.utf8).base64 == example.encoded + padding)
        #expect(bytes(base64URL: example.encoded) == Array(example.plain.utf8))
    }

    @Test("base64url of every byte reads back and needs no escaping in a URL")
    func base64URLRoundTrip() {
        for length in 0...256 {
            let plain = (0..<length).map { _ in UInt8.random(in: 0...255) }
            let encoded = plain.base64URL
            #expect(encoded.wholeMatch(of: /[A-Za-z0-9_-]*/) != nil)
            #expect(bytes(base64URL: encoded) == plain)
        }
        #expect([0xFB, 0xFF, 0xBF].base64URL == "-_-_")
    }

    @Test(
        "what is no base64url is refused",
        arguments: ["Zg==", "Z", "Zm9vY", "Zm+v", "Zm/v", "Zm9v\n", "Zm 9v", "é"],
    )
    func refuses(text: String) { #expect(bytes(base64URL: text) == nil) }

    @Test("equal bytes are equal, all others are not")
    func constantTime() {
        #expect(Digest.constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(Digest.constantTimeEqual([UInt8](), [UInt8]()))
        #expect(!Digest.constantTimeEqual([1, 2, 3], [1, 2]))
        #expect(!Digest.constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!Digest.constantTimeEqual([0x81], [0x01]))
    }

    @Test("random bytes are as many as asked for, and never the same")
    func random() {
        #expect(Digest.randomBytes(0).isEmpty)
        #expect(Set((0..<100).map { _ in Digest.randomBytes(16) }).count == 100)
    }
}

@Suite struct SecretTests {
    @Test("a secret never prints itself")
    func prints() {
        struct Settings { let password: Secret<String> }
        let secret = Secret("hunter2")
        var dumped = ""
        dump(Settings(password: secret), to: &dumped)
        let texts = ["\(secret)", "\(Settings(password: secret))", String(reflecting: secret), "\([secret])", dumped]
        for text in texts {
            #expect(!text.contains("hunter2"), "\(text)")
        }
        #expect("\(secret)" == "****")
        #expect(secret.reveal() == "hunter2")
    }
}
