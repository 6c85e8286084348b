import HTTPClient
import Kernel

/// A call as it goes over the wire, and how its answer is read.
struct WireExchange<Answer: Sendable>: Sendable {
    let request: HTTPRequest
    /// Throws ``WireProblem`` for a success that is none.
    let read: @Sendable (JSON) throws -> WireReply<Answer>
    /// What a success was billed for, whether or not it can be read.
    var tokens: @Sendable (JSON) -> WireTokens = { _ in WireTokens() }
}

/// Tokens that a provider reports; `nil` where it does not.
struct WireTokens: Sendable {
    var input: Int?
    var output: Int?
    /// Those of drawn pictures among the output.
    var drawn = 0
}

extension JSON {
    /// A number of tokens; what no call can take is cut to what sums of them can.
    var tokens: Int? { integer.map { Int(min(max(0, $0), 1_000_000_000)) } }
}

/// What an answer says.
struct WireReply<Answer: Sendable>: Sendable {
    let answer: Answer
    /// `nil` where the provider does not report it.
    let inputTokens: Int?
    let outputTokens: Int?
    /// Those of drawn pictures among the output.
    var drawnTokens = 0
}

/// Why an answer is none.
enum WireProblem: Error, Hashable {
    /// Not what the wire format says.
    case lie(String)
    /// A picture was asked for, and words came, or nothing.
    case noPicture(String)
    /// The content was refused, in a success.
    case refused(String)
}

/// An input that a model cannot take; another may.
struct Unfit: Error, Hashable {
    let reason: String
}

extension ModelEntry {
    /// A request with the provider's key and timeouts. `path` begins with a slash.
    func request(_ path: String, _ body: JSON) -> HTTPRequest {
        var request = HTTPRequest.json(.post, provider.url + path, body)
        if let key = provider.key?.reveal() {
            if kind == .gemini {
                request.headers["x-goog-api-key"] = key
            } else {
                request.headers["Authorization"] = "Bearer \(key)"
            }
        }
        request.headers["Accept"] = "application/json"
        request.sharesConnection = true
        request.timeouts = HTTPTimeouts(
            connect: min(.seconds(10), provider.timeout),
            idle: nil,
            total: provider.timeout,
        )
        return request
    }
}
