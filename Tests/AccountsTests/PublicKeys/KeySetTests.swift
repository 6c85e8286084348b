import Kernel
import TestSupport
import Testing

@testable import Accounts

@Suite struct KeySetTests {
    private func count(_ keys: JSON...) throws -> Int {
        let set = try KeySet(parsing: (["keys": .array(keys)] as JSON).bytes)
        return set.candidates(for: nil, .rsa).count + set.candidates(for: nil, .ed25519).count
    }

    private func jwk(_ change: JSON, of key: SigningKey = .rsa) -> JSON { key.jwk("a").merging(change) }

    @Test func keysAreFoundByNameAndKind() throws {
        let set = try KeySet(
            parsing: (["keys": [SigningKey.rsa.jwk("a"), SigningKey.otherRSA.jwk("b"), SigningKey.ed25519().jwk("a")]]
                as JSON).bytes
        )
        #expect(set.candidates(for: "a", .rsa).count == 1)
        #expect(set.candidates(for: "a", .ed25519).count == 1)
        #expect(set.candidates(for: "b", .ed25519).isEmpty)
        #expect(set.candidates(for: "c", .rsa).isEmpty)
        #expect(set.candidates(for: nil, .rsa).count == 2)
    }

    @Test func aKeyWithoutANameFitsEveryName() throws {
        let set = try KeySet(parsing: (["keys": [SigningKey.rsa.jwk(nil)]] as JSON).bytes)
        #expect(set.candidates(for: "whatever", .rsa).count == 1)
        #expect(try KeySet(pem: SigningKey.rsa.pem).candidates(for: "whatever", .rsa).count == 1)
    }

    @Test(
        "a key says what it is for",
        arguments: [
            (["use": "sig"], 1), (["use": "enc"], 0), (["use": 5], 0), (["alg": "RS256"], 1), (["alg": "RS512"], 0),
            (["alg": "PS256"], 0), (["alg": "HS256"], 0), (["key_ops": ["verify"]], 1), (["key_ops": ["sign"]], 0),
            (["key_ops": "verify"], 0), (["x5t": "ignored"], 1),
        ] as [(JSON, Int)],
    )
    func purpose(change: JSON, expected: Int) throws { #expect(try count(jwk(change)) == expected) }

    @Test(
        "what is no usable key is left out, and the others count",
        arguments: [
            ["kty": "oct", "k": "c2VjcmV0"], ["kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"], ["kty": "RSA"], [:],
            5, .null, "key", ["kty": "RSA", "n": "AQAB", "e": "AQAB"], ["kty": "RSA", "n": "!!", "e": "AQAB"],
            ["kty": "OKP", "crv": "X25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"],
            ["kty": "OKP", "crv": "Ed25519", "x": "AA"], ["kty": ["RSA"]],
        ] as [JSON],
    )
    func useless(key: JSON) throws { #expect(try count(key, SigningKey.rsa.jwk("a")) == 1) }

    @Test("a key that is not secret any more, too weak, or oddly named is left out")
    func dangerous() throws {
        #expect(try count(jwk(["d": "AQAB"])) == 0)
        #expect(try count(jwk(["d": .null])) == 0)
        #expect(try count(SigningKey(rsaBits: 1024).jwk("a")) == 0)
        #expect(try count(jwk(["kid": 5])) == 0)
        #expect(try count(jwk(["kid": .string(String(repeating: "k", count: 257))])) == 0)
        #expect(try count(jwk(["e": "Ag"])) == 0)
    }

    @Test("what is no set is refused", arguments: ["", "[]", "{}", "null", #"{"keys":{}}"#, #"{"keys":[}"#, "<html>"])
    func malformed(text: String) {
        #expect(throws: KeySetError.malformed) { try KeySet(parsing: Array(text.utf8)) }
    }

    @Test func aSetHasLimits() throws {
        let key = SigningKey.ed25519().jwk("a")
        let most = (["keys": .array(Array(repeating: key, count: 32))] as JSON).bytes
        #expect(try KeySet(parsing: most).candidates(for: nil, .ed25519).count == 32)
        let more = (["keys": .array(Array(repeating: key, count: 33))] as JSON).bytes
        #expect(throws: KeySetError.tooManyKeys) { try KeySet(parsing: more) }
        #expect(throws: KeySetError.tooLarge) { try KeySet(parsing: more + [UInt8](repeating: 32, count: 262_144)) }
    }

    @Test func anEmptySetIsASet() throws { #expect(try KeySet(parsing: Array(#"{"keys":[]}"#.utf8)).isEmpty) }

    @Test func aBadPEMSaysWhatIsWrong() {
        #expect(throws: KeySetError.badKey(.malformed)) { try KeySet(pem: "nothing") }
        let weak = SigningKey(rsaBits: 1024).pem
        #expect(throws: KeySetError.badKey(.size(bits: 1024))) { try KeySet(pem: weak) }
    }
}
