import Kernel

/// Tokens written by hand, so that the tests do not trust the issuer that they check.
enum ForgedToken {
    static let secret = "0f8e7d6c5b4a39281706f5e4d3c2b1a0"
    static let otherSecret = "a0b1c2d3e4f506172839a4b5c6d7e8f9"

    static func make(
        _ claims: JSON,
        header: JSON = ["alg": "HS256", "typ": "JWT"],
        secret: String = secret,
    ) -> String {
        make(payload: claims.bytes, header: header.bytes, secret: secret)
    }

    static func make(payload: [UInt8], header: [UInt8], secret: String = secret) -> String {
        let message = header.base64URL + "." + payload.base64URL
        return message + "." + Digest.hmacSHA256(message.utf8, key: secret.utf8).base64URL
    }
}
