import TestSupport
import Testing

@testable import HTTPServer

/// A client that leaves cancels its handler, whatever the handler is doing.
@Suite(.timeLimit(.minutes(5))) struct LeavingClientTests {
    private static let count = 200

    /// Lets 200 clients send `request`, waits until all handlers run, lets the clients leave, and waits until all
    /// handlers have ended.
    private func leave(
        _ request: String,
        resetting: Bool = false,
        _ handler: @escaping @Sendable (Request, _ runs: Tally) async throws -> Response,
    ) async throws {
        let (runs, ended) = (Tally(), Tally())
        try await withServer(handler: { request in
            let response = try? await handler(request, runs)
            guard case .stream(let heartbeat, let produce)? = response?.body else {
                ended.add()
                return response ?? .noContent()
            }
            return Response(
                body: .stream(heartbeat: heartbeat) { writer in
                    defer { ended.add() }
                    try await produce(writer)
                }
            )
        }) { server in
            try await onThreadWithRetain {
                let clients = try (0..<Self.count).map { _ in try server.connect() }
                for client in clients {
                    if resetting { client.resetOnClose() }
                    try client.send(request)
                }
                return clients
            } while: {
                await runs.until(Self.count)
                #expect(ended.count == 0)
            }
            await ended.until(Self.count)
        }
    }

    private func onThreadWithRetain(
        _ connect: @escaping @Sendable () throws -> [RawClient],
        while body: () async -> Void,
    ) async throws {
        let clients = try await onThread(connect)
        await body()
        withExtendedLifetime(clients) {}
    }

    @Test(arguments: [false, true])
    func `while it is parked`(_ resetting: Bool) async throws {
        try await leave(get(), resetting: resetting) { _, runs in
            runs.add()
            await park()
            return .noContent()
        }
    }

    @Test func `while it is parked with a body that it did not read`() async throws {
        try await leave(post("Content-Length: 5", "hello")) { _, runs in
            runs.add()
            await park()
            return .noContent()
        }
    }

    @Test func `while it is parked with a body of which a part is missing`() async throws {
        try await leave(post("Content-Length: 500", "hello")) { _, runs in
            runs.add()
            await park()
            return .noContent()
        }
    }

    @Test(arguments: ["Content-Length: 500", "Transfer-Encoding: chunked"])
    func `while it waits for the body`(_ framing: String) async throws {
        try await leave(post(framing, "")) { request, runs in
            runs.add()
            _ = try await request.body.next()
            return .noContent()
        }
    }

    @Test func `while it streams to a reader that takes nothing`() async throws {
        try await leave(get(), resetting: true) { _, runs in
            .stream(contentType: "a/b") { writer in
                runs.add()
                while true { try await writer.write([UInt8](repeating: 0, count: 65_536)) }
            }
        }
    }

    @Test func `between two events`() async throws {
        try await leave(get()) { _, runs in
            .events { events in
                try await events.send(data: "first")
                runs.add()
                await park()
                try Task.checkCancellation()
            }
        }
    }

    @Test func `and its answer is dropped`() async throws {
        let (runs, mayAnswer, answered) = (Tally(), Tally(), Tally())
        try await withServer(handler: { request in
            guard request.path == "/" else { return .text("other") }
            runs.add()
            await mayAnswer.until(1)
            answered.add()
            return .text("late")
        }) { server in
            let client = try await onThread {
                let client = try server.connect()
                try client.send(get())
                return client
            }
            await runs.until(1)
            client.hangUp()
            mayAnswer.add()
            await answered.until(1)
            #expect(try await server.exchange("GET /other HTTP/1.1\r\nHost: a\r\n\r\n").text == "other")
        }
    }
}
