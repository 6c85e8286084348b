internal import CCrypto
import FoundationEssentials

/// Why something is no key that signatures are checked with.
package enum PublicKeyError: Error, Sendable, Equatable {
    case malformed
    /// An RSA key outside 2048 to 8192 bits: below it is weak (RFC 7518, 3.3), above it only costs time.
    case size(bits: Int)
    /// Neither RSA nor Ed25519.
    case unknownType

    /// Completes "it …".
    package var reason: String {
        switch self {
        case .malformed: "is no public key"
        case .size(let bits): "is an RSA key of \(bits) bits and must have 2048 to 8192"
        case .unknownType: "is neither an RSA nor an Ed25519 key"
        }
    }
}

/// A key that checks signatures and can make none: RSA with PKCS #1 v1.5 and SHA-256 (`RS256` of RFC 7518), or Ed25519
/// (`EdDSA` of RFC 8037). How it checks follows from the key alone.
///
/// Unchecked, because OpenSSL's keys may be read by many threads once they are made (openssl-threads(7)), and nothing
/// here changes one.
package final class PublicKey: @unchecked Sendable {
    /// The two families of keys.
    package enum Kind: Sendable { case ed25519, rsa }

    package let kind: Kind
    private let key: OpaquePointer

    /// Reads a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7) in DER.
    package init(der: [UInt8]) throws(PublicKeyError) {
        defer { ERR_clear_error() }
        let (decoded, rest) = der.withUnsafeBufferPointer { bytes in
            var next = bytes.baseAddress
            let key = d2i_PUBKEY(nil, &next, bytes.count)
            return (key, bytes.count - (next.flatMap { next in bytes.baseAddress.map { next - $0 } } ?? 0))
        }
        guard let decoded else { throw .malformed }
        key = decoded
        switch EVP_PKEY_get_base_id(decoded) {
        case EVP_PKEY_ED25519: kind = .ed25519
        case EVP_PKEY_RSA: kind = .rsa
        default:
            kind = .rsa  // deinit frees the key, and runs only when every field is set
            throw .unknownType
        }
        guard rest == 0 else { throw .malformed }
        let bits = Int(EVP_PKEY_get_bits(decoded))
        guard kind == .ed25519 || (2048...8192).contains(bits) else { throw .size(bits: bits) }
    }

    /// Reads the text that `openssl pkey -pubout` writes.
    package convenience init(pem: String) throws(PublicKeyError) {
        let lines = pem.split(whereSeparator: \.isNewline).map { $0.filter { $0 != " " && $0 != "\t" } }
        guard lines.first == "-----BEGINPUBLICKEY-----", lines.last == "-----ENDPUBLICKEY-----",
            let der = Data(base64Encoded: lines.dropFirst().dropLast().joined())
        else { throw .malformed }
        try self.init(der: Array(der))
    }

    /// An RSA key of its two numbers, both unsigned and with the greatest byte first (RFC 7518, 6.3.1).
    package convenience init(rsaModulus modulus: [UInt8], exponent: [UInt8]) throws(PublicKeyError) {
        let exponent = Array(exponent.drop { $0 == 0 })
        // 1 would sign nothing, an even one is no exponent, and OpenSSL refuses more than 64 bits.
        guard let last = exponent.last, last & 1 == 1, exponent != [1], exponent.count <= 8,
            modulus.count <= 1025, modulus.last.map({ $0 & 1 == 1 }) ?? false
        else { throw .malformed }
        let key = DER.sequence(DER.integer(modulus) + DER.integer(exponent))
        try self.init(der: DER.sequence(DER.sequence(DER.rsaEncryption) + DER.bitString(key)))
    }

    /// An Ed25519 key of its 32 bytes.
    package convenience init(ed25519 bytes: [UInt8]) throws(PublicKeyError) {
        guard bytes.count == 32 else { throw .malformed }
        try self.init(der: DER.sequence(DER.sequence(DER.ed25519) + DER.bitString(bytes)))
    }

    deinit { EVP_PKEY_free(key) }

    /// Whether `signature` was made over `message` with the other half of this key.
    package func isSigned(_ message: some Sequence<UInt8>, _ signature: [UInt8]) -> Bool {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()  // a bad signature leaves an error for whoever asks next on this thread
        }
        // Ed25519 hashes by itself (RFC 8032, 5.1).
        let hash = kind == .rsa ? EVP_sha256() : nil
        guard EVP_DigestVerifyInit(context, nil, hash, nil, key) == 1 else { return false }
        let message = Array(message)
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}

/// The little of X.690 that public keys are written with.
private enum DER {
    static let rsaEncryption: [UInt8] = [0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1, 0x05, 0]
    static let ed25519: [UInt8] = [0x06, 3, 0x2B, 0x65, 0x70]

    static func sequence(_ content: [UInt8]) -> [UInt8] { tagged(0x30, content) }
    static func bitString(_ content: [UInt8]) -> [UInt8] { tagged(0x03, [0] + content) }

    static func integer(_ unsigned: [UInt8]) -> [UInt8] {
        let digits = Array(unsigned.drop { $0 == 0 })
        return tagged(0x02, digits.first.map { $0 >= 0x80 } ?? true ? [0] + digits : digits)
    }

    private static func tagged(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        let length: [UInt8] =
            switch count {
            case ..<0x80: [UInt8(count)]
            case ..<0x100: [0x81, UInt8(count)]
            default: [0x82, UInt8(count >> 8), UInt8(count & 0xFF)]
            }
        return [tag] + length + content
    }
}
