internal import CCrypto
import FoundationEssentials
import Kernel

/// The private half that the product never has: what an issuer of tokens signs with.
///
/// Unchecked, because OpenSSL's keys may be read by many threads once they are made (openssl-threads(7)).
package final class SigningKey: @unchecked Sendable {
    private let key: OpaquePointer
    private let isRSA: Bool

    /// Two that tests share, as making one takes a tenth of a second.
    package static let rsa = SigningKey(rsaBits: 2048)
    package static let otherRSA = SigningKey(rsaBits: 2048)

    package init(rsaBits: Int) {
        key = generate(EVP_PKEY_RSA) { EVP_PKEY_CTX_set_rsa_keygen_bits($0, Int32(rsaBits)) }
        isRSA = true
    }

    private init(ed25519 key: OpaquePointer) {
        self.key = key
        isRSA = false
    }

    package static func ed25519() -> SigningKey { SigningKey(ed25519: generate(EVP_PKEY_ED25519) { _ in 1 }) }

    deinit { EVP_PKEY_free(key) }

    /// The name of its algorithm in tokens.
    package var algorithm: String { isRSA ? "RS256" : "EdDSA" }

    /// SubjectPublicKeyInfo in DER.
    package var der: [UInt8] {
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = i2d_PUBKEY(key, &bytes)
        defer { CRYPTO_free(bytes, nil, 0) }
        return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
    }

    package var pem: String {
        let text = Data(der).base64EncodedString(options: .lineLength64Characters)
        return "-----BEGIN PUBLIC KEY-----\n\(text)\n-----END PUBLIC KEY-----\n"
    }

    /// The public half as issuers publish it.
    package func jwk(_ id: String?) -> JSON {
        var jwk: JSON =
            isRSA
            // The DER ends with the modulus and the exponent 65537 of three bytes, each after its head.
            ? ["kty": "RSA", "n": JSON(der.dropLast(5).suffix(bits / 8).base64URL), "e": "AQAB"]
            : ["kty": "OKP", "crv": "Ed25519", "x": JSON(der.suffix(32).base64URL)]
        if let id { jwk["kid"] = JSON(id) }
        return jwk
    }

    package func sign(_ message: [UInt8]) -> [UInt8] {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: 1024)
        var count = signature.count
        precondition(EVP_DigestSignInit(context, nil, isRSA ? EVP_sha256() : nil, nil, key) == 1)
        precondition(EVP_DigestSign(context, &signature, &count, message, message.count) == 1)
        return Array(signature.prefix(count))
    }

    /// A token with these claims; `header` adds to its head or takes the place of a member.
    package func token(_ claims: JSON, kid: String?, header: JSON = [:]) -> String {
        var head: JSON = ["alg": JSON(algorithm), "typ": "JWT"]
        if let kid { head["kid"] = JSON(kid) }
        let message = head.merging(header).bytes.base64URL + "." + claims.bytes.base64URL
        return message + "." + sign(Array(message.utf8)).base64URL
    }

    private var bits: Int { Int(EVP_PKEY_get_bits(key)) }
}

private func generate(_ type: Int32, _ configure: (OpaquePointer?) -> Int32) -> OpaquePointer {
    let context = EVP_PKEY_CTX_new_id(type, nil)
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    precondition(EVP_PKEY_keygen_init(context) == 1 && configure(context) == 1)
    precondition(EVP_PKEY_keygen(context, &key) == 1)
    guard let key else { preconditionFailure("no key") }
    return key
}
