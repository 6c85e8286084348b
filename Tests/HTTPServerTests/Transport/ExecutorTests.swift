import Kernel
import Testing

@testable import HTTPServer

/// Handlers start on their loop's thread, but may go on anywhere.
@Suite(.timeLimit(.minutes(5))) struct ExecutorTests {
    private actor Collector {
        func read(_ body: RequestBody) async throws -> [UInt8] { try await body.collect(upTo: .max) }
        func write(_ writer: ResponseWriter, _ bytes: [UInt8]) async throws { try await writer.write(bytes) }
    }

    enum Place: String, CaseIterable, Sendable { case task, detached, actor, pool, concurrent }

    @concurrent private static func elsewhere<Value: Sendable>(
        _ work: @Sendable () async throws -> Value
    ) async throws -> Value { try await work() }

    @Test(arguments: Place.allCases, [1, 2])
    func `the body is read and the answer written from`(_ place: Place, _ loops: Int) async throws {
        let pool = WorkPool(name: "elsewhere", width: 2, limit: 1000)
        let handler: @Sendable (Request) async -> Response = { request in
            do {
                let bytes: [UInt8]
                switch place {
                case .task: bytes = try await Task { try await request.body.collect(upTo: .max) }.value
                case .detached: bytes = try await Task.detached { try await request.body.collect(upTo: .max) }.value
                case .actor: bytes = try await Collector().read(request.body)
                case .pool:
                    let read = try await request.body.collect(upTo: .max)
                    bytes = try await pool.run { read }
                case .concurrent: bytes = try await Self.elsewhere { try await request.body.collect(upTo: .max) }
                }
                return .stream(contentType: "a/b") { writer in
                    switch place {
                    case .task: try await Task { try await writer.write(bytes) }.value
                    case .detached: try await Task.detached { try await writer.write(bytes) }.value
                    case .actor: try await Collector().write(writer, bytes)
                    case .pool: try await writer.write(try await pool.run { bytes })
                    case .concurrent: try await Self.elsewhere { try await writer.write(bytes) }
                    }
                }
            } catch { return .text("\(error)", status: 500) }
        }
        try await withServer({ $0.loops = loops }, handler: handler) { server in
            try await withThrowingTaskGroup(of: (sent: [UInt8], got: [UInt8]).self) { group in
                for client in UInt8(0)..<8 {
                    group.addTask {
                        let body = [UInt8](repeating: client, count: 100_000)
                        let reply = try await onThread {
                            var reader = ReplyReader(try server.connect())
                            try reader.client.send(Array(post("Content-Length: \(body.count)", "").utf8) + body)
                            return try reader.next()
                        }
                        return (body, reply.body)
                    }
                }
                for try await (sent, got) in group { #expect(sent == got) }
            }
        }
    }

    @Test func `a handler that never leaves its loop answers on the loop's thread`() async throws {
        try await withServer(handler: { request in
            await Task.yield()
            let loop = (request.control as? Exchange)?.loop
            return .text(loop?.isCurrent == true ? "on the loop" : "elsewhere")
        }) { server in
            let reply = try await server.exchange(get())
            #expect(reply.text == "on the loop")
        }
    }
}
