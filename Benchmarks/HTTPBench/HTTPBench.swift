import Glibc
import HTTPServer
import Kernel

/// The HTTP server without router and middleware, for `script/bench http`: what one request costs before the product
/// adds anything. `HTTPBench PORT` ends on SIGTERM at once.
@main
struct HTTPBench {
    static func main() async throws {
        var settings = ServerSettings()
        settings.port = CommandLine.arguments.dropFirst().first.flatMap { UInt16($0) } ?? 0
        settings.maxConnections = 60_000
        let answers = Answers()
        let server = try Server(settings: settings, handler: { await answers.answer($0) })
        try server.bind()
        print("listening on http://127.0.0.1:\(server.port)")
        fflush(nil)
        try await server.run()
    }
}

private final class Answers: Sendable {
    /// 73 bytes, as nginx's `return 200` gives.
    private let small = Response(
        headers: ["Content-Type": "application/json"],
        body: .bytes(Array(#"{"id":"0192f0c1-7a3b-7c55-9d1e-4b8a0c2f6e71","status":"pending","n":42.5}"#.utf8)),
    )
    private let parking = Parking()

    init() { parking.start() }

    func answer(_ request: Request) async -> Response {
        switch request.path {
        case "/park": await park(request)
        case "/parked": counts
        case "/upload": await upload(request)
        default: small
        }
    }

    /// `?until=` is the moment of the answer, in milliseconds since 1970.
    private func park(_ request: Request) async -> Response {
        await parking.wait(until: (try? request.query("until", as: Int64.self)) ?? 0)
        return small
    }

    private var counts: Response {
        let (parked, cancelled) = parking.counts
        return .json(["parked": JSON(parked), "cancelled": JSON(cancelled)])
    }

    /// Hashes the body piece by piece.
    private func upload(_ request: Request) async -> Response {
        var hash = SHA256Stream()
        do {
            while let bytes = try await request.body.next() { hash.update(bytes) }
        } catch {
            return .text("\(error)", status: 400)
        }
        return .json(["sha256": JSON(hash.finalize().hexadecimal)])
    }
}
