import Kernel

/// Why something is no set of keys.
package enum KeySetError: Error, Sendable, Equatable {
    case malformed
    /// A set from a file in which nothing checks a signature.
    case noUsableKey
    case tooLarge
    case tooManyKeys
    /// The PEM text holds no key that can be used.
    case badKey(PublicKeyError)

    /// Completes "it …".
    package var reason: String {
        switch self {
        case .malformed: "is no JSON Web Key Set"
        case .noUsableKey: "holds no RSA key of 2048 to 8192 bits and no Ed25519 key for signatures"
        case .tooLarge: "has more than \(KeySet.maxBytes) bytes"
        case .tooManyKeys: "has more than \(KeySet.maxKeys) keys"
        case .badKey(let error): error.reason
        }
    }
}

/// The public keys of somebody who signs tokens (JSON Web Key Set: RFC 7517, with the keys of RFC 7518 and RFC 8037).
package struct KeySet: Sendable {
    /// More than any issuer needs; a set is fetched whole and parsed at once.
    package static let maxBytes = 262_144
    /// A token without `kid` is checked with each of them, so their number bounds what a forged one costs.
    package static let maxKeys = 32

    private struct Entry: Sendable {
        let id: String?
        let key: PublicKey
    }

    private let entries: [Entry]

    /// Reads a set. Keys that check no signature here are left out, as RFC 7517, 5 asks: of another type, for another
    /// use or algorithm, too weak, misspelt, or with a private half, which is no longer private.
    package init(parsing bytes: [UInt8]) throws(KeySetError) {
        guard bytes.count <= Self.maxBytes else { throw .tooLarge }
        guard let keys = (try? JSON(parsing: bytes))?["keys"]?.array else { throw .malformed }
        guard keys.count <= Self.maxKeys else { throw .tooManyKeys }
        entries = keys.compactMap(Self.entry)
    }

    /// A set of one key, good for any `kid`.
    package init(pem: String) throws(KeySetError) {
        do {
            entries = [Entry(id: nil, key: try PublicKey(pem: pem))]
        } catch {
            throw .badKey(error)
        }
    }

    /// Whether no key of the set can be used.
    package var isEmpty: Bool { entries.isEmpty }

    /// The keys of a kind that may have signed a token with this `kid`: those with the same name and those without
    /// one; all of them for a token without `kid`.
    package func candidates(for id: String?, _ kind: PublicKey.Kind) -> [PublicKey] {
        entries.filter { $0.key.kind == kind && (id == nil || $0.id == nil || $0.id == id) }.map(\.key)
    }

    private static func entry(_ json: JSON) -> Entry? {
        guard case .object = json, json["d"] == nil, isForSignatures(json) else { return nil }
        let id = json["kid"]
        guard id == nil || id?.string.map({ $0.utf8.count <= 256 }) == true else { return nil }
        return key(json).map { Entry(id: id?.string, key: $0) }
    }

    private static func isForSignatures(_ json: JSON) -> Bool {
        if let use = json["use"], use != "sig" { return false }
        if let operations = json["key_ops"], operations.array?.contains("verify") != true { return false }
        return true
    }

    private static func key(_ json: JSON) -> PublicKey? {
        switch json["kty"] {
        case "RSA":
            guard isAlgorithm(json, .RS256), let modulus = number(json, "n"), let exponent = number(json, "e") else {
                return nil
            }
            return try? PublicKey(rsaModulus: modulus, exponent: exponent)
        case "OKP":
            guard json["crv"] == "Ed25519", isAlgorithm(json, .EdDSA), let bytes = number(json, "x") else { return nil }
            return try? PublicKey(ed25519: bytes)
        default: return nil
        }
    }

    private static func isAlgorithm(_ json: JSON, _ algorithm: TokenAlgorithm) -> Bool {
        json["alg"].map { $0.string == algorithm.rawValue } ?? true
    }

    private static func number(_ json: JSON, _ name: String) -> [UInt8]? {
        json[name]?.string.flatMap { bytes(base64URL: $0) }
    }
}
