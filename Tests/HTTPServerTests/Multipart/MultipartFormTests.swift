import FoundationEssentials
import TestSupport
import Testing

@testable import HTTPServer

@Suite(.timeLimit(.minutes(5))) struct MultipartFormTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func request(
        _ body: [UInt8],
        type: String = "multipart/form-data; boundary=b",
        piece: Int = 1000,
    ) -> Request {
        Request(
            .post,
            "/",
            headers: ["Content-Type": type],
            body: RequestBody(source: BytesSource(body, pieceBytes: piece), length: nil),
        )
    }

    private func field(_ name: String, _ value: [UInt8]) -> [UInt8] {
        Array("--b\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n".utf8) + value + [13, 10]
    }

    private func file(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
        Array("--b\r\nContent-Disposition: form-data; name=\"\(name)\"; filename=\"x.png\"\r\n\r\n".utf8) + bytes + [
            13, 10,
        ]
    }

    private let end = Array("--b--\r\n".utf8)

    private var spooled: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] }

    @Test func `fields and files are kept in order, long files on disk until the form is gone`() async throws {
        let small = [UInt8](repeating: 1, count: 65_536)
        let large = (0..<600_001).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let body = field("a", [65]) + file("f", small) + field("a", [66]) + file("f", large) + file("g", []) + end
        do {
            let form = try await request(body).multipart(spoolFolder: folder.path)
            #expect(form.fields.map(\.value) == ["A", "B"])
            #expect(form.field("a") == "A")
            #expect(form.files("f").map(\.size) == [65_536, 600_001])
            #expect(try form.files.map { try $0.bytes() } == [small, large, []])
            #expect(spooled.count == 1)
            guard case .memory = form.files[0].storage, case .file = form.files[1].storage else {
                Issue.record("stored elsewhere")
                return
            }
        }
        #expect(spooled.isEmpty)
    }

    @Test func `nothing stays on disk of a form that fails`() async throws {
        let body = file("f", [UInt8](repeating: 1, count: 300_000)) + Array("--b\r\nbroken\r\n\r\n".utf8)
        await #expect(throws: HTTPError.self) { try await request(body).multipart(spoolFolder: folder.path) }
        // The spool's thread may hold the file for a moment longer than the reader.
        for _ in 0..<100_000 where !spooled.isEmpty { await Task.yield() }
        #expect(spooled.isEmpty)
    }

    @Test func `each limit has its own answer`() async throws {
        let limits = MultipartLimits(maxParts: 2, maxFieldBytes: 10, maxFileBytes: 20)
        let ten = [UInt8](repeating: 65, count: 10)
        func status(_ body: [UInt8]) async -> Int {
            do {
                _ = try await request(body, piece: 7).multipart(limits, spoolFolder: folder.path)
                return 200
            } catch { return (error as? HTTPError)?.status ?? 500 }
        }
        #expect(await status(field("a", ten) + file("f", ten + ten) + end) == 200)
        #expect(await status(field("a", ten + [65]) + end) == 422)
        #expect(await status(file("f", ten + ten + [65]) + end) == 413)
        #expect(await status(field("a", []) + field("a", []) + field("a", []) + end) == 400)
        #expect(await status(field("a", [0xFF]) + end) == 422)
        #expect(await status(field("a", ten)) == 400)
        #expect(await status([]) == 400)
    }

    @Test func `a form without any body is 411, an empty one 400`() async {
        for (length, error) in [(nil, HTTPError.lengthRequired), ("0", .badRequest("The form is empty."))] {
            var headers: Headers = ["Content-Type": "multipart/form-data; boundary=b"]
            headers["Content-Length"] = length
            let request = Request(.post, "/", headers: headers)
            await #expect(throws: error) { try await request.multipart(spoolFolder: folder.path) }
        }
    }

    @Test(arguments: [
        "", "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=b",
        "multipart/form-data; boundary=" + String(repeating: "b", count: 71),
    ])
    func `another media type is 415`(_ type: String) async {
        await #expect(throws: HTTPError.unsupportedMediaType(expected: "multipart/form-data with a boundary")) {
            try await request(end, type: type).multipart(spoolFolder: folder.path)
        }
    }

    @Test func `a quoted boundary is read`() async throws {
        let body = Array("--a b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\nv\r\n--a b--".utf8)
        let form = try await request(body, type: "Multipart/Form-Data; charset=x; Boundary=\"a b\"")
            .multipart(spoolFolder: folder.path)
        #expect(form.field("n") == "v")
    }

    @Test func `a folder that takes nothing is 507`() async {
        let body = file("f", [UInt8](repeating: 1, count: 300_000)) + end
        await #expect(throws: HTTPError.insufficientStorage) {
            try await request(body).multipart(spoolFolder: folder.path + "/missing")
        }
    }

    @Test func `what a crash left is removed and nothing else`() throws {
        for name in ["upload-1", "upload-2", "keep"] { try Data().write(to: URL(filePath: folder.path + "/" + name)) }
        removeAbandonedUploads(in: folder.path)
        #expect(spooled == ["keep"])
    }

    @Test func `forms of many clients arrive whole through the server`() async throws {
        let path = folder.path
        let picture = (0..<400_000).map { UInt8(truncatingIfNeeded: $0 &* 13) }
        try await withRoutes(
            { $0.loops = 2 },
            { router in
                router.post("/", limits: .upload(maxBytes: 1_000_000)) { request in
                    let form = try await request.multipart(spoolFolder: path)
                    return .bytes(try form.files[0].bytes(), contentType: "a/b")
                }
            },
        ) { server in
            let body = file("f", picture) + end
            try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await onThread {
                            var reader = ReplyReader(try server.connect())
                            let fields =
                                "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: \(body.count)"
                            try reader.client.send(Array(post(fields, "").utf8) + body)
                            return try reader.next().body
                        }
                    }
                }
                for try await bytes in group { #expect(bytes == picture) }
            }
        }
        #expect(spooled.isEmpty)
    }
}
