import Telemetry

@testable import HTTPServer

/// A real server on a free port of 127.0.0.1.
struct TestServer: Sendable {
    let port: UInt16
    /// Cancelled by a test that ends the server itself.
    let running: Task<Void, any Error>

    func connect(receiveBufferBytes: Int32? = nil) throws -> RawClient {
        try RawClient(port: port, receiveBufferBytes: receiveBufferBytes)
    }

    /// Sends `bytes` and reads one response.
    func exchange(_ bytes: String) async throws -> RawReply {
        try await onThread { [self] in
            var reader = ReplyReader(try connect())
            try reader.client.send(bytes)
            return try reader.next()
        }
    }
}

/// Serves `handler` while `body` runs; fails when the server does not end afterwards.
func withServer<Value>(
    _ change: (inout ServerSettings) -> Void = { _ in },
    metrics: Metrics = Metrics(),
    handler: @escaping @Sendable (Request) async -> Response,
    _ body: (TestServer) async throws -> Value,
) async throws -> Value {
    var settings = ServerSettings()
    settings.port = 0
    // What a test leaves parked must not hold up its end.
    settings.drainGrace = .zero
    change(&settings)
    let server = try Server(settings: settings, handler: handler, metrics: metrics)
    try server.bind()
    let running = Task { try await server.run() }
    do {
        let value = try await body(TestServer(port: server.port, running: running))
        running.cancel()
        try await running.value
        return value
    } catch {
        running.cancel()
        try? await running.value
        throw error
    }
}

/// Serves the routes that `build` adds.
func withRoutes<Value>(
    _ change: (inout ServerSettings) -> Void = { _ in },
    _ build: (inout Router) -> Void,
    _ body: (TestServer) async throws -> Value,
) async throws -> Value {
    var router = Router()
    build(&router)
    return try await withServer(change, handler: router.handler, body)
}
