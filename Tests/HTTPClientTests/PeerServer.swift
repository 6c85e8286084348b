import HTTPServer
import Telemetry

/// Serves the routes that `build` adds on a free port of 127.0.0.1 while `body` runs; it gets the server's address.
func withPeer(_ build: (inout Router) -> Void, _ body: (String) async throws -> Void) async throws {
    var router = Router()
    build(&router)
    var settings = ServerSettings()
    settings.port = 0
    settings.drainGrace = .zero
    let server = try Server(settings: settings, handler: router.handler, metrics: Metrics())
    try server.bind()
    let running = Task { try await server.run() }
    defer { running.cancel() }
    try await body("http://127.0.0.1:\(server.port)")
}
