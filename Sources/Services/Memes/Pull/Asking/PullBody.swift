import HTTPServer
import Kernel

/// What the body of `POST /pull` asks for.
struct PullBody: Sendable {
    let request: PullService.Request
    let isDryRun: Bool

    init(_ request: Request, by owner: String) async throws {
        let body = try await Self.json(request)
        guard let source = body["source"]?.string else {
            throw PullError.invalidSource(reason: "Send the field source, such as s3://memes/folder.")
        }
        let options = try PullOptions(body: body)
        self.request = PullService.Request(
            address: try PullAddress(source),
            profile: try body.text("profile", upTo: 32) ?? PullSettings.standardProfile,
            options: options,
            owner: owner,
            idempotencyKey: try Self.idempotencyKey(request),
        )
        isDryRun = try body.flag("dry_run") ?? false
    }

    /// The body as an object; an empty one for no body.
    static func json(_ request: Request) async throws -> JSON {
        let bytes = try await request.body.collect(upTo: .max)
        guard !bytes.isEmpty else { return [:] }
        guard let body = try? JSON(parsing: bytes), case .object = body else {
            throw HTTPError.badRequest("The body must be a JSON object.")
        }
        return body
    }

    private static func idempotencyKey(_ request: Request) throws -> String? {
        guard let key = request.headers["Idempotency-Key"] else { return nil }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw MemesError.badField(name: "Idempotency-Key", reason: "Use 1 to 255 printable ASCII characters.")
        }
        return key
    }
}
