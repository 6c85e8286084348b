import FoundationEssentials
import Glibc
import Kernel
import TestSupport
import Testing

@testable import HTTPServer

@Suite(.timeLimit(.minutes(5))) struct FileResponseTests {
    private let folder: TemporaryFolder
    private let bytes = Self.bytes
    /// Every piece differs from its neighbours, so that a piece left out or sent twice shows.
    private static let bytes: [UInt8] = {
        let piece = (0..<1021).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
        var bytes: [UInt8] = []
        for number in UInt32(0)..<20_480 {
            withUnsafeBytes(of: number) { bytes += $0 }
            bytes += piece
        }
        return Array(bytes[..<20_971_520])
    }()

    init() throws {
        folder = try TemporaryFolder()
        try Data(bytes).write(to: URL(filePath: folder.path + "/big"))
        try Data().write(to: URL(filePath: folder.path + "/empty"))
    }

    private func serve<Value>(_ body: (TestServer) async throws -> Value) async throws -> Value {
        let path = folder.path
        return try await withRoutes(
            { _ in },
            { router in
                router.get("/{name}") { request in
                    try .file(
                        path: path + "/" + (try request.path("name", as: String.self)),
                        request: request,
                        contentType: "a/b",
                    )
                }
            },
            body,
        )
    }

    private func request(_ name: String = "big", _ fields: String = "X: 1", method: String = "GET") -> String {
        "\(method) /\(name) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n"
    }

    @Test func `twenty megabytes arrive as they are, at several clients at once`() async throws {
        try await serve { server in
            try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for _ in 0..<3 { group.addTask { try await server.exchange(request()).body } }
                for try await body in group { #expect(body == bytes) }
            }
        }
    }

    @Test(arguments: [
        ("bytes=0-99", 0..<100), ("bytes=1000000-", 1_000_000..<20_971_520), ("bytes=-5", 20_971_515..<20_971_520),
        ("bytes=20971519-99999999999999999999", 20_971_519..<20_971_520),
    ])
    func `a part is sent`(_ range: String, _ expected: Range<Int>) async throws {
        let reply = try await serve { try await $0.exchange(request("big", "Range: \(range)")) }
        #expect(reply.status == 206)
        #expect(reply["Content-Range"] == "bytes \(expected.lowerBound)-\(expected.upperBound - 1)/20971520")
        #expect(reply.body == Array(bytes[expected]))
    }

    @Test func `a part beyond the end is 416`() async throws {
        for name in ["big", "empty"] {
            let reply = try await serve { try await $0.exchange(request(name, "Range: bytes=20971520-")) }
            #expect(reply.status == 416)
            #expect(reply["Content-Range"] == "bytes */\(name == "big" ? 20_971_520 : 0)")
        }
    }

    @Test func `the same file is not sent twice`() async throws {
        try await serve { server in
            let (first, second, third, other) = try await onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(request("big", method: "HEAD"))
                let first = try reader.next(toHead: true)
                let tag = first["ETag"] ?? ""
                try reader.client.send(request("big", "If-None-Match: \"x\", W/\(tag)"))
                let second = try reader.next()
                try reader.client.send(request("big", "If-Modified-Since: \(first["Last-Modified"] ?? "")"))
                let third = try reader.next()
                try reader.client.send(request("big", "If-None-Match: \"x\"", method: "HEAD"))
                return (first, second, third, try reader.next(toHead: true))
            }
            #expect(first.status == 200)
            #expect(first["Content-Length"] == "20971520")
            #expect(first["ETag"]?.hasPrefix("\"") == true)
            #expect([second.status, third.status, other.status] == [304, 304, 200])
            #expect(second["ETag"] == first["ETag"])
            #expect(second.values("Content-Length").isEmpty)
        }
    }

    @Test func `a part of another version is not sent`() async throws {
        try await serve { server in
            let tag = try await server.exchange(request("empty"))["ETag"] ?? ""
            #expect(tag != "")
            let other = try await server.exchange(request("big", "Range: bytes=0-1\r\nIf-Range: \(tag)"))
            #expect(other.status == 200)
            let own = try await server.exchange(request("big", "Range: bytes=0-0"))["ETag"] ?? ""
            let same = try await server.exchange(request("big", "Range: bytes=0-1\r\nIf-Range: \(own)"))
            #expect(same.status == 206)
        }
    }

    @Test func `a download goes on when its file is removed`() async throws {
        try await serve { server in
            let reader = try await onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(request())
                _ = try reader.nextHead()
                return reader
            }
            try FileManager.default.removeItem(atPath: folder.path + "/big")
            let rest = try await onThread {
                var count = 0
                while count < 20_000_000 {
                    let piece = try reader.client.receive()
                    if piece.isEmpty { break }
                    count += piece.count
                }
                return count
            }
            #expect(rest >= 20_000_000)
            let gone = try await server.exchange(request())
            #expect(gone.status == 404)
        }
    }

    @Test func `a file that becomes shorter cuts the connection`() async throws {
        try await serve { server in
            let client = try await onThread {
                var reader = ReplyReader(try server.connect())
                try reader.client.send(request())
                _ = try reader.nextHead()
                return reader.client
            }
            #expect(truncate(folder.path + "/big", 0) == 0)
            let count = try await onThread { try client.receiveAll().count }
            #expect(count < bytes.count)
        }
    }

    @Test func `folders and missing files are 404`() async throws {
        for name in ["missing", "."] {
            #expect(throws: HTTPError.notFound) { try OpenFile(path: folder.path + "/" + name) }
        }
    }
}
