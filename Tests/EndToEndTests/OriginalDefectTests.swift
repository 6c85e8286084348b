import Foundation
import Kernel
import TestSupport
import Testing

/// Each defect of the original is a test, named after what went wrong there.
@Suite(.timeLimit(.minutes(5)))
struct OriginalDefectTests {
    @Test("1: the upload over the limit answered 500; 14: rejected uploads cost quota, the reset lay in the past")
    func uploadOverTheLimit() async throws {
        let server = try await RunningServer(environment: ["RATE_LIMIT_MAX_UPLOADS": "2"])
        let client = Client(server)
        #expect(try await client.upload(Array("no picture".utf8)).status == 415)
        #expect(try await client.upload(fixture("photo.jpg")).status == 202)
        let last = try await client.upload(fixture("photo.jpg"))
        #expect(last.status == 202)
        #expect(last[header: "x-ratelimit-remaining"] == "0")
        let over = try await client.upload(fixture("photo.jpg"))
        #expect(over.status == 429)
        #expect(over.json["error"] == "Rate limit exceeded. Maximum 2 uploads per hour.")
        let now = Date.now.timeIntervalSince1970
        let reset = try #require(over[header: "x-ratelimit-reset"].flatMap(Double.init))
        let retryAfter = try #require(over[header: "retry-after"].flatMap(Double.init))
        #expect(reset > now && reset <= now + 3600)
        #expect(abs(now + retryAfter - reset) < 5)
    }

    @Test("2: /batch was taken for an image id")
    func batchIsReachable() async throws {
        let server = try await RunningServer()
        let client = Client(server)
        let ids = [
            try await client.process(fixture("photo.jpg")), try await client.process(fixture("palette.png")),
        ].compactMap { $0["image_id"]?.string }
        let absent = "00000000-0000-7000-8000-000000000000"
        let order = [ids[1], absent, ids[0]]
        let batch = try await client.get(
            "/api/v1/images/batch?image_ids=\(order.joined(separator: ","))&size=thumbnail"
        )
        #expect(batch.status == 200)
        #expect(batch.json["images"]?.array?.compactMap { $0["image_id"]?.string } == [ids[1], ids[0]])
        #expect(batch.json["missing"] == [.string(absent)])
        #expect(batch.json["requested"] == 3)
        #expect(batch.json["found"] == 2)
        let fifty = Array(repeating: absent, count: 50).joined(separator: ",")
        #expect(try await client.get("/api/v1/images/batch?image_ids=\(fifty)").status == 200)
        #expect(try await client.get("/api/v1/images/batch?image_ids=\(fifty),\(absent)").status == 400)
        let posted = try await client.send(
            "POST",
            "/api/v1/images/batch",
            headers: ["Content-Type": "application/json"],
            body: (["image_ids": JSON(order)] as JSON).bytes,
        )
        #expect(posted.json["images"]?.array?.count == 2)
    }

    @Test("3: phone photos came out sideways", arguments: 1...8)
    func orientationIsApplied(orientation: Int) async throws {
        let server = try await RunningServer()
        let client = Client(server)
        let state = try await client.process(fixture("orientation-\(orientation).jpg"))
        let upright = try await client.process(fixture("orientation-1.jpg"))
        #expect(state["variants"]?["original"]?["width"] == upright["variants"]?["original"]?["width"])
        #expect(state["variants"]?["original"]?["height"] == upright["variants"]?["original"]?["height"])
    }

    @Test(
        "4-8: palette, grey with alpha, CMYK, 16 bits and wide gamut came out in wrong colours",
        arguments: ["palette.png", "grey-alpha.png", "cmyk.jpg", "grey16.png", "display-p3.jpg"],
    )
    func coloursAreRight(name: String) async throws {
        let server = try await RunningServer()
        let client = Client(server)
        let state = try await client.process(fixture(name))
        #expect(state["status"] == "completed")
        let id = try #require(state["image_id"]?.string)
        let colour = try await client.get("/api/v1/images/\(id)").json["metadata"]?["dominant_color"]?.string ?? ""
        #expect(distance(colour, expectedColours[name] ?? "") <= 3, "\(name) is \(colour)")
    }

    @Test("9: dominant colour, dimensions and variants were never stored")
    func factsSurviveARestart() async throws {
        let folder = try TemporaryFolder()
        let first = try await RunningServer(data: folder.path)
        let state = try await Client(first).process(fixture("photo.jpg"))
        let id = try #require(state["image_id"]?.string)
        let before = try await Client(first).get("/api/v1/images/\(id)/all").json
        await first.stop()
        let second = try await RunningServer(data: folder.path)
        let after = try await Client(second).get("/api/v1/images/\(id)/all").json
        #expect(before == after)
        #expect(after["metadata"]?["dominant_color"]?.string != nil)
        #expect(after["metadata"]?["original_dimensions"]?["width"] != nil)
    }

    @Test("10: one picture of 12 megapixels took 957 MB")
    func memoryOfALargePicture() async throws {
        let server = try await RunningServer()
        let state = try await Client(server).process(await largePicture())
        #expect(state["status"] == "completed")
        #expect(state["variants"]?["original"]?["width"] == 4000)
        let status = try String(contentsOfFile: "/proc/\(server.processID)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        let kilobytes = try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        #expect(kilobytes < 350_000, "\(kilobytes) kB")
    }

    @Test(
        "11: the bucket could leave the storage folder",
        arguments: [
            "../etc", "/etc", "a/../../b", "org-x/users/..", "a\\b", "users//", "..", ".", "", "a/b", "users/ä/",
        ],
    )
    func bucketCannotEscape(bucket: String) async throws {
        let server = try await RunningServer()
        let answer = try await Client(server).upload(fixture("photo.jpg"), bucket: bucket)
        #expect(answer.status == 400, "\(bucket)")
        #expect(answer.json["code"] == "VAL_001")
    }

    @Test("12: the file as sent could be read by everyone while it waited")
    func stagedFilesAreNotServed() async throws {
        let server = try await RunningServer(arguments: ["--no-workers"])
        let client = Client(server)
        let id = try await client.upload(fixture("photo.jpg")).json["image_id"]?.string ?? ""
        for path in ["/storage/staging/images/\(id)", "/storage/staging/\(id)", "/storage/../staging/images/\(id)"] {
            #expect([400, 404].contains(try await client.get(path).status), "\(path)")
        }
        #expect(FileManager.default.fileExists(atPath: "\(server.data)/objects/staging/images/\(id)"))
    }

    @Test("12: the file as sent stayed after success")
    func stagedFileIsRemovedWhenDone() async throws {
        let folder = try TemporaryFolder()
        let server = try await RunningServer(data: folder.path)
        let id = try await Client(server).process(fixture("photo.jpg"))["image_id"]?.string ?? ""
        await server.stop()
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/objects/staging/images/\(id)"))
    }

    @Test("13: a chunked body went around the size limit")
    func chunkedBodyOverTheLimitIs413() async throws {
        let server = try await RunningServer(environment: ["MAX_UPLOAD_SIZE_MB": "1"])
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/large.jpg"
        try Data(try fixture("photo.jpg") + [UInt8](repeating: 0, count: 3_000_000)).write(to: URL(filePath: path))
        let answer = try await runProgram([
            "/usr/bin/curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Transfer-Encoding: chunked",
            "-H", "Authorization: Bearer \(Client.token(sub: "tester"))", "-F", "bucket=b", "-F", "file=@\(path)",
            "\(server.url)/api/v1/images/upload",
        ])
        #expect(answer.output.hasSuffix("413"))
    }

    @Test("15: the permission service's {\"allowed\": true} was taken for an outage")
    func permissionIsAPermission() async throws {
        let service = try PermissionServer(.status(200, body: #"{"allowed": true}"#))
        let server = try await RunningServer(environment: ["AUTH_API_URL": service.url])
        for index in 0..<6 {
            let client = Client(server, token: Client.token(sub: "user-\(index)", claims: ["org_id": "acme"]))
            #expect(try await client.upload(fixture("photo.jpg"), bucket: "groups/cats/").status == 202)
        }
        #expect(
            service.questions.all.first == [
                "org_id": "acme", "user_id": "user-0", "permission": "image:upload:group:cats",
            ]
        )
        service.answer(.status(200, body: #"{"allowed": false}"#))
        let refused = try await Client(server).upload(fixture("photo.jpg"), bucket: "groups/cats/")
        #expect(refused.status == 403)
        #expect(refused.json["error"] == "Permission denied: image:upload:group:cats")
        let health = try await Client(server).get("/api/v1/health/auth").json
        #expect(health["auth_api"]?["circuit_breaker"]?["failures"] == 0)
    }

    @Test("16: the half-open circuit let everything through, and an open one closed by itself")
    func halfOpenCircuitLetsOneThrough() async throws {
        let service = try PermissionServer(.status(500))
        let settings = ["AUTH_API_URL": service.url, "CIRCUIT_BREAKER_TIMEOUT": "1"]
        let server = try await RunningServer(environment: settings)
        @Sendable func upload(as user: String) async throws -> Answer {
            let client = Client(server, token: Client.token(sub: user))
            return try await client.upload(fixture("photo.jpg"), bucket: "groups/cats/")
        }
        func circuit() async throws -> String? {
            let health = try await Client(server).get("/api/v1/health/auth").json
            return health["auth_api"]?["circuit_breaker"]?["state"]?.string
        }
        for index in 0..<5 {
            let answer = try await upload(as: "failing-\(index)")
            #expect(answer.status == 503 && answer[header: "retry-after"] != nil)
            #expect(answer.json["error"] == "Authorization service temporarily unavailable")
        }
        while try await circuit() == "open" {}
        #expect(try await circuit() == "half_open")
        let gate = Gate()
        service.hold(gate)
        service.answer(.allowed)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<20 { group.addTask { try await upload(as: "user-\(index)").status } }
            var statuses: [Int] = []
            while statuses.count < 19, let status = try await group.next() { statuses.append(status) }
            gate.open()
            for try await status in group { statuses.append(status) }
            return statuses
        }
        #expect(statuses == Array(repeating: 503, count: 19) + [202])
        #expect(service.calls.count == 6)
        #expect(try await circuit() == "closed")
    }

    @Test("17: write-ahead logging was promised and never switched on")
    func writeAheadLogIsOn() async throws {
        let server = try await RunningServer()
        _ = try await Client(server).upload(fixture("photo.jpg"))
        #expect(FileManager.default.fileExists(atPath: "\(server.data)/pictor.db-wal"))
    }

    @Test("19: 'last hour' counted the whole day; 21: dashboard and failures were open to everyone")
    func operatorPagesNeedAnOperator() async throws {
        let server = try await RunningServer()
        let client = Client(server, token: nil)
        for path in ["/dashboard/data", "/metrics", "/api/v1/health/failed"] {
            #expect(try await client.get(path).status == 200, "\(path) from this machine")
            let forwarded = try await client.get(path, headers: ["X-Forwarded-For": "203.0.113.9"])
            #expect(forwarded.status == 401, "\(path) through a proxy")
        }
        let admin = Client(server, token: Client.token(sub: "root", claims: ["permissions": ["image:admin"]]))
        let forwarded = try await admin.get("/metrics", headers: ["X-Forwarded-For": "203.0.113.9"])
        #expect(forwarded.status == 200)
    }

    @Test("21: any origin could call with credentials")
    func strangersOriginGetsNoPermission() async throws {
        let server = try await RunningServer()
        let answer = try await Client(server).get("/api/v1/health", headers: ["Origin": "https://evil.example"])
        #expect(answer[header: "access-control-allow-origin"] == nil)
    }

    @Test("22: a bad picture was tried four times over three minutes")
    func damagedPictureFailsAtOnce() async throws {
        let server = try await RunningServer()
        let client = Client(server)
        let state = try await client.process(fixture("damaged.jpg"))
        #expect(state["status"] == "failed")
        #expect(state["attempts"] == 1)
        #expect(state["error"]?.string?.isEmpty == false)
    }

    @Test("22: /health/auth always said degraded")
    func authHealthIsHealthy() async throws {
        let server = try await RunningServer()
        #expect(try await Client(server).get("/api/v1/health/auth").json["status"] == "healthy")
    }
}

/// What each colour fixture shows in the middle of the sRGB space.
private let expectedColours = [
    "palette.png": "#c81e1e", "grey-alpha.png": "#808080", "cmyk.jpg": "#c81e1e", "grey16.png": "#7f7f7f",
    "display-p3.jpg": "#c81e1e",
]

/// The largest difference of two `#rrggbb` colours over the channels.
private func distance(_ left: String, _ right: String) -> Int {
    guard let left = Int(left.dropFirst(), radix: 16), let right = Int(right.dropFirst(), radix: 16) else { return 255 }
    return [16, 8, 0].map { abs((left >> $0 & 255) - (right >> $0 & 255)) }.max() ?? 255
}
