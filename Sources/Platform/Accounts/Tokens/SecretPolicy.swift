import Configuration
import Kernel

/// Which secrets may sign tokens, given where the server listens.
///
/// A secret that anybody can guess or look up lets anybody be anybody, so it is accepted only where nobody else can
/// knock: in development mode, on loopback.
package enum SecretPolicy {
    /// What may sign, or why the server must not start.
    package enum Decision: Sendable {
        case use(TokenSecrets)
        /// One sentence a problem, without the secret.
        case refuse([String])
    }

    /// The secrets that the replaced systems' example files carry.
    package static let wellKnown = ["dev-secret-change-in-production"]

    /// RFC 7518, 3.2: a key for HS256 has at least the size of the hash.
    package static let shortest = 32

    /// Decides. `host` is where the server listens, `nil` for a command that does not.
    package static func decide(
        mode: RunMode,
        current: Secret<String>?,
        previous: Secret<String>?,
        host: String?,
    ) -> Decision {
        let isSafe = mode == .development && host.map(isLoopbackHost) ?? true
        let given = [current, previous].compactMap { $0 }
        let weak = given.filter { weakness($0) != nil }
        if isSafe {
            let strong = given.filter { weakness($0) == nil }
            let known = wellKnown.map { Secret($0) }
            return .use(
                TokenSecrets(
                    accepted: strong,
                    acceptedOnLoopback: weak + (given.isEmpty ? known : []),
                    signing: current,
                )
            )
        }
        guard !given.isEmpty else { return .refuse([missing(mode, host)]) }
        guard weak.isEmpty else { return .refuse(weak.map { refusal($0, mode, host) }) }
        guard current != nil else {
            return .refuse(["accounts.jwt_previous_secret is set without accounts.jwt_secret."])
        }
        return .use(TokenSecrets(accepted: given))
    }

    /// Completes "the secret …"; `nil` for a good one.
    package static func weakness(_ secret: Secret<String>) -> String? {
        let text = secret.reveal()
        if wellKnown.contains(text) { return "is the well-known one of the examples" }
        if text.utf8.count < shortest { return "has \(text.utf8.count) bytes and needs \(shortest)" }
        let placeholders = ["change", "example", "placeholder", "your-", "your_", "secret-key", "secret_key"]
        if placeholders.contains(where: text.lowercased().contains) {
            return "looks like the placeholder of an example"
        }
        return Set(text.utf8).count < 8 ? "has too few different characters" : nil
    }

    /// Whether only this machine can reach a server that listens there.
    package static func isLoopbackHost(_ host: String) -> Bool {
        if host == "127.0.0.1" || host == "localhost" { return true }  // of every local request
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        if bare == "::1" || bare.lowercased() == "localhost" { return true }
        let numbers = bare.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
    }

    private static let advice = "Make one with `openssl rand -hex 32`."

    private static func missing(_ mode: RunMode, _ host: String?) -> String {
        "accounts.jwt_secret is not set; \(place(mode, host)) needs one of at least \(shortest) bytes. \(advice)"
    }

    private static func refusal(_ secret: Secret<String>, _ mode: RunMode, _ host: String?) -> String {
        "accounts.jwt_secret \(weakness(secret) ?? "is weak"); \(place(mode, host)) needs a real one. \(advice)"
    }

    private static func place(_ mode: RunMode, _ host: String?) -> String {
        mode == .production ? "production mode" : "listening on \(host ?? "a network"), where others can knock,"
    }
}
