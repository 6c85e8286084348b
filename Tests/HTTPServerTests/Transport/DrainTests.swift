import TestSupport
import Testing

@testable import HTTPServer

@Suite(.timeLimit(.minutes(5))) struct DrainTests {
    @Test func `a running request is answered and its connection ends`() async throws {
        let (runs, mayAnswer) = (Tally(), Tally())
        try await withServer(
            { $0.drainGrace = .seconds(60) },
            handler: { _ in
                runs.add()
                await mayAnswer.until(1)
                return .text("done")
            },
        ) { server in
            async let answer = onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(get())
                return (try reader.next(), try reader.isClosed())
            }
            await runs.until(1)
            server.running.cancel()
            // The idle one below is closed by the drain: then the drain has begun.
            try await untilRefused(server)
            mayAnswer.add()
            let (reply, isClosed) = try await answer
            #expect(reply.text == "done")
            #expect(reply["Connection"] == "close")
            #expect(isClosed)
            try await server.running.value
        }
    }

    @Test func `idle connections are closed and new ones refused`() async throws {
        try await withServer({ $0.drainGrace = .seconds(60) }, handler: { _ in .text("got") }) { server in
            let idle = try await onThread {
                try (0..<20).map { _ in
                    var reader = ReplyReader(try server.connect())
                    try reader.client.send(get())
                    _ = try reader.next()
                    return reader.client
                }
            }
            server.running.cancel()
            for client in idle { #expect(try await onThread { try client.receive().isEmpty }) }
            try await server.running.value
            await #expect(throws: RawClient.Failure.self) { try await onThread { _ = try server.connect() } }
        }
    }

    @Test func `after the grace a running request is cancelled and told why`() async throws {
        let runs = Tally()
        try await withRoutes(
            { _ in },
            { router in
                router.get("/") { _ in
                    runs.add()
                    await park()
                    throw CancellationError()
                }
            },
        ) { server in
            async let reply = server.exchange(get())
            await runs.until(1)
            server.running.cancel()
            let answer = try await reply
            #expect(answer.status == 503)
            #expect(answer.text.contains("\"stopping\""))
            try await server.running.value
        }
    }

    @Test func `a stream is cancelled after the grace and its client sees the cut`() async throws {
        let runs = Tally()
        try await withServer(handler: { _ in
            .events { events in
                try await events.send(data: "one")
                runs.add()
                await park()
                try Task.checkCancellation()
            }
        }) { server in
            async let isCut = onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(get())
                _ = try reader.nextHead()
                _ = try reader.nextChunk()
                do {
                    _ = try reader.nextChunk()
                    return false
                } catch is ReplyReader.Cut {
                    return true
                }
            }
            await runs.until(1)
            server.running.cancel()
            let wasCut = try await isCut
            #expect(wasCut)
            try await server.running.value
        }
    }

    @Test func `the end waits for a handler whose client has left`() async throws {
        let (runs, mayEnd, ended) = (Tally(), Tally(), Tally())
        try await withServer(
            { $0.drainGrace = .seconds(60) },
            handler: { _ in
                runs.add()
                await mayEnd.until(1)
                ended.add()
                return .text("late")
            },
        ) { server in
            let client = try await onThread {
                let client = try server.connect()
                try client.send(get())
                return client
            }
            await runs.until(1)
            client.hangUp()
            server.running.cancel()
            try await untilRefused(server)
            #expect(ended.count == 0)
            mayEnd.add()
            try await server.running.value
            #expect(ended.count == 1)
        }
    }

    private func untilRefused(_ server: TestServer) async throws {
        while (try? await onThread { _ = try server.connect() }) != nil {}
    }
}
