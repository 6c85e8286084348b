import Kernel
import TestSupport
import Testing

@Suite struct PublicKeyTests {
    /// Made with the Python package cryptography 48.0.0.
    private static let modulus =
        "j_TT2t1-TMy_bhL87hS2IHq5YTiK5BBpuAYRugsJpF9LdzHZqax3OkzpxD10FMh0s49ezO7p3qf-T5b8O29657fMSLn4w4qYB3p8Tsm-hK2T3"
        + "t4u-9K2FEFUaUVnK5nBj3XACMIXkCi8B5ZdDCLlCIqUiDPgKJeGBEFCjWGdACALEE933Ptp7TCIUkW1sAfQRUW4tFDZUMNZOeFcX9LaaI0Sp"
        + "miExdqzff-7ZkO1iVoXTvRDSHZfhBCJyngY0A72iHU9lt5PYadI9SD_WrOCGKKIkWSBKfI7SWt6oEOvngrTzYrs1OwbmmEojfsiBop7OrngL"
        + "c_TBw1cP1dexGaXww"
    private static let message = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1c2VyLTEyMyJ9"
    private static let signature =
        "S2MLdQ_1B1C6jCKgdllY914rtFnRxcvuHql4PNbI0Vvw-Lcc9W06OoHwsF2TtQUVsFOqCGIxD73JOzNT7KWHF5MsA1EqW6XHDKrBsua8q-3Xn"
        + "3SWKf8BNJqTx-aotD12TEQb73yCN0xl7lEpAu1ia7veF0baQrH-1htBxLm0huSWELiJnZUCL48rp3Pw_HIBOUXTKXF0B0dtwlgzYg5BWcJdj"
        + "S-TwQ9Gqn5zBc3PDSJc17YlE0FJIOwNBbzlmqlC-859E-R3y2emQsVSynMAZh67ztMsuGmQOoXY-CWHKa7w7EbkWjjbImsoOY1YmfpWX0fF1"
        + "O8P3_FHCZo69TuAVQ"

    private func decoded(_ text: String) throws -> [UInt8] { try #require(bytes(base64URL: text)) }

    @Test("a signature of another implementation is good: RSA")
    func foreignRSA() throws {
        let key = try PublicKey(rsaModulus: decoded(Self.modulus), exponent: [1, 0, 1])
        #expect(key.kind == .rsa)
        #expect(key.isSigned(Self.message.utf8, try decoded(Self.signature)))
        #expect(!key.isSigned((Self.message + "x").utf8, try decoded(Self.signature)))
    }

    @Test("the example of RFC 8037, A.4 is good: Ed25519")
    func exampleOfTheStandard() throws {
        let key = try PublicKey(ed25519: decoded("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))
        let signature = try decoded(
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        )
        let message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
        #expect(key.kind == .ed25519)
        #expect(key.isSigned(message.utf8, signature))
        #expect(!key.isSigned(message.utf8, signature.reversed()))
    }

    @Test("a key reads the same from PEM, from DER and from its numbers", arguments: [SigningKey.rsa, .ed25519()])
    func formats(signer: SigningKey) throws {
        let signature = signer.sign([1, 2, 3])
        for key in [try PublicKey(pem: signer.pem), try PublicKey(der: signer.der)] {
            #expect(key.isSigned([1, 2, 3], signature))
            #expect(!key.isSigned([1, 2, 4], signature))
        }
        #expect(try PublicKey(pem: signer.pem.replacing("\n", with: "\r\n")).isSigned([1, 2, 3], signature))
    }

    @Test("every changed byte of a signature is noticed, and every other length")
    func tampered() throws {
        for signer in [SigningKey.rsa, .ed25519()] {
            let key = try PublicKey(der: signer.der)
            let signature = signer.sign([7])
            for index in signature.indices {
                var changed = signature
                changed[index] ^= 1
                #expect(!key.isSigned([7], changed), "byte \(index)")
            }
            for other in [[], Array(signature.dropLast()), signature + [0], [0] + signature] {
                #expect(!key.isSigned([7], other))
            }
        }
    }

    @Test func anotherKeyHasSignedNothing() throws {
        let signature = SigningKey.otherRSA.sign([1])
        #expect(!(try PublicKey(der: SigningKey.rsa.der).isSigned([1], signature)))
        #expect(!(try PublicKey(der: SigningKey.ed25519().der).isSigned([1], signature)))
    }

    @Test func aWeakKeyIsRefused() {
        let weak = SigningKey(rsaBits: 1024)
        #expect(throws: PublicKeyError.size(bits: 1024)) { try PublicKey(der: weak.der) }
        #expect(throws: PublicKeyError.size(bits: 1024)) { try PublicKey(pem: weak.pem) }
    }

    @Test(
        "exponents that sign nothing are refused",
        arguments: [[], [0], [1], [2], [1, 0, 0], [UInt8](repeating: 1, count: 9)],
    )
    func exponents(exponent: [UInt8]) throws {
        let modulus = try decoded(Self.modulus)
        #expect(throws: PublicKeyError.malformed) { try PublicKey(rsaModulus: modulus, exponent: exponent) }
    }

    @Test(
        "numbers of any length end in an error, not in a crash",
        arguments: [0, 1, 127, 128, 255, 257, 1025, 1026, 70_000],
    )
    func lengths(count: Int) {
        let modulus = [UInt8](repeating: 0xFF, count: count)
        if count == 257 {
            #expect(throws: Never.self) { try PublicKey(rsaModulus: modulus, exponent: [3]) }
        } else {
            #expect(throws: PublicKeyError.self) { try PublicKey(rsaModulus: modulus, exponent: [3]) }
        }
        if count != 32 { #expect(throws: PublicKeyError.malformed) { try PublicKey(ed25519: modulus) } }
    }

    @Test func whatIsNoKeyIsRefused() throws {
        let der = SigningKey.rsa.der
        for bytes in [[], [0x30], Array(der.dropLast()), der + [0], Array("no key".utf8)] {
            #expect(throws: PublicKeyError.malformed) { try PublicKey(der: bytes) }
        }
        let pem = SigningKey.rsa.pem
        for text in ["", "-----BEGIN PUBLIC KEY-----", pem.replacing("PUBLIC", with: "RSA PUBLIC"), pem + "x", "{}"] {
            #expect(throws: PublicKeyError.malformed) { try PublicKey(pem: text) }
        }
    }

    @Test("a key of another type is refused: EC on P-256")
    func otherType() throws {
        // openssl ecparam -name prime256v1 -genkey | openssl pkey -pubout
        let pem = """
            -----BEGIN PUBLIC KEY-----
            MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEg0cSFlVO1oDcvtpdX32/MrvWugQZ
            e0N8U6JQ8JiFrrr2yp4z2Xpmi572ag0JMBuwSp7eykJClvfHjLCOutxM6w==
            -----END PUBLIC KEY-----
            """
        #expect(throws: PublicKeyError.unknownType) { try PublicKey(pem: pem) }
    }
}
