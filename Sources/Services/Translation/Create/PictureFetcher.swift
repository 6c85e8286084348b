import HTTPClient
import Kernel

/// Fetches pictures from addresses that strangers name.
struct PictureFetcher: Sendable {
    /// Goes to public addresses only, also after a redirect.
    let client: HTTPClient
    let maxBytes: Int

    func fetch(_ address: String) async throws -> [UInt8] {
        guard address.hasPrefix("https://") || address.hasPrefix("http://") else {
            throw TranslationError.badField(name: "url", reason: "Use an address of http or https.")
        }
        let request = HTTPRequest(
            .get,
            address,
            timeouts: HTTPTimeouts(total: .seconds(20)),
            redirects: .follow(3),
            maxResponseBytes: maxBytes,
        )
        let response: HTTPResponse
        do { response = try await client.send(request) } catch {
            if case .tooLarge = error { throw TranslationError.fileTooLarge(limitBytes: maxBytes) }
            throw TranslationError.unreachable(reason: error.message)
        }
        guard response.status == 200 else {
            throw TranslationError.unreachable(reason: "the server answers \(response.status).")
        }
        return response.body
    }
}
