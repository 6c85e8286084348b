import Foundation
import Kernel
import TestSupport
import Testing

/// The commands as a newcomer types them.
@Suite(.timeLimit(.minutes(5)))
struct CommandTests {
    @Test(
        "every command explains itself",
        arguments: [
            "serve", "worker", "upload", "import images", "migrate", "backup", "token", "key create", "key list",
            "key revoke", "user erase", "config", "doctor", "healthcheck", "jobs", "jobs requeue", "jobs cancel",
            "jobs resume", "models", "model list", "model import", "pack export", "pack import",
        ],
    )
    func help(command: String) async throws {
        let answer = try await runProgram([binary] + command.split(separator: " ").map(String.init) + ["--help"])
        #expect(answer.code == 0)
        #expect(answer.output.contains("Usage: pictor \(command)"))
        let overview = try await runProgram([binary, "--help"])
        #expect(overview.output.contains("\n  \(command)"))
    }

    @Test func unknownCommandAndOptionAreUsageErrors() async throws {
        #expect(try await runProgram([binary, "serv"]).code == 64)
        let answer = try await runProgram([binary, "serve", "--prot", "1"])
        #expect(answer.code == 64)
        #expect(answer.output.contains("--prot"))
    }

    static let badSettings = [
        ("PICTOR_SERVER_PORT", "99999"), ("PICTOR_SERVER_LOOPS", "0"), ("PICTOR_SERVR_PORT", "80"),
        ("PICTOR_SERVER_DRAIN_GRACE", "soon"), ("PICTOR_WORKERS_COUNT", "0"), ("PICTOR_WORKERS_COUNT", "2.5"),
        ("PICTOR_ENVIRONMENT", "staging"), ("PICTOR_MODE", "staging"), ("LOG_LEVEL", "LOUD"), ("LOG_JSON", "maybe"),
        ("PICTOR_DATA_MINIMUM_FREE", "much"), ("PICTOR_IMAGES_WEBP_QUALITY", "101"), ("WEBP_QUALITY", "0"),
        ("PICTOR_IMAGES_WEBP_EFFORT_LARGE", "7"), ("MAX_UPLOAD_SIZE_MB", "ten"), ("RATE_LIMIT_MAX_UPLOADS", "-1"),
        ("PICTOR_IMAGES_MAX_PIXELS", "0"), ("ALLOWED_MIME_TYPES", "[\"image/tiff\"]"), ("BUCKET_GRAMMAR", "loose"),
        ("IMAGE_SIZES", "{\"thumbnail\": 9000}"), ("JWT_ALGORITHM", "none"), ("PICTOR_IMAGES_RETRY_DELAY", "0s"),
    ]

    @Test("a wrong setting ends the program with 78 and is named", arguments: badSettings)
    func badSetting(name: String, value: String) async throws {
        let folder = try TemporaryFolder()
        for command in ["config", "serve"] {
            let answer = try await runProgram(
                [binary, command, "--data", folder.path + "/data"],
                environment: [name: value],
                folder: folder.path,
            )
            #expect(answer.code == 78, "\(answer.output)")
            #expect(answer.output.contains(name), "\(answer.output)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/data"), "nothing was begun")
    }

    @Test(
        "a wrong line of pictor.yaml ends the program with 78 and is named",
        arguments: [
            ("images:\n  webp_quality: 101\n", "images.webp_quality"), ("images:\n  webp_qualty: 80\n", "webp_qualty"),
            ("server: [1, 2]\n", "server"), ("images: {max_queue: many}\n", "images.max_queue"),
            ("a: [\n", "pictor.yaml"),
        ],
    )
    func badFile(text: String, named: String) async throws {
        let folder = try TemporaryFolder()
        try Data(text.utf8).write(to: URL(filePath: "\(folder.path)/pictor.yaml"))
        let answer = try await runProgram([binary, "config"], folder: folder.path)
        #expect(answer.code == 78)
        #expect(answer.output.contains(named), "\(answer.output)")
    }

    @Test func configMasksSecrets() async throws {
        let secret = "a-very-secret-value-that-nobody-may-see-1234"
        let answer = try await runProgram([binary, "config"], environment: ["JWT_SECRET_KEY": secret], folder: "/tmp")
        #expect(answer.code == 0, "\(answer.output)")
        #expect(!answer.output.contains(secret))
        #expect(answer.output.contains("****"))
    }

    @Test func productionRefusesADefaultSecret() async throws {
        let folder = try TemporaryFolder()
        for secret in ["dev-secret-change-in-production", "short"] {
            let answer = try await runProgram(
                [binary, "serve", "--port", "0", "--data", folder.path],
                environment: ["ENVIRONMENT": "production", "JWT_SECRET_KEY": secret],
                folder: folder.path,
            )
            #expect(answer.code == 78)
            #expect(!answer.output.contains(secret))
        }
    }

    @Test func developmentModeWithoutASecretStaysOnLoopback() async throws {
        let folder = try TemporaryFolder()
        let answer = try await runProgram(
            [binary, "serve", "--host", "0.0.0.0", "--port", "0", "--data", folder.path],
            folder: folder.path,
        )
        #expect(answer.code == 78)
    }

    @Test func secondServeOnOneDataDirectoryIsRefused() async throws {
        let server = try await RunningServer()
        let answer = try await runProgram(
            [binary, "serve", "--port", "0", "--data", server.data],
            folder: server.data,
        )
        #expect(answer.code == 69)
        #expect(answer.output.contains("DATABASE_URL"))
    }

    @Test func workerIsRefusedWhileAServerHoldsTheDataDirectory() async throws {
        let server = try await RunningServer()
        let answer = try await runProgram([binary, "worker", "--data", server.data], folder: server.data)
        #expect(answer.code == 69)
        #expect(answer.output.contains("DATABASE_URL"))
    }

    @Test func picturesOfTheOriginalComeOverWithTheirAddresses() async throws {
        let folder = try TemporaryFolder()
        let id = "8c6f0e4e-5d1a-4b5e-9a58-0a5b7a7f1c11"
        let picture = try fixture("lossy.webp")
        let stored = "\(folder.path)/storage/photos/processed/medium"
        try FileManager.default.createDirectory(atPath: stored, withIntermediateDirectories: true)
        try Data(picture).write(to: URL(filePath: "\(stored)/\(id)_medium.webp"))
        let made = try await runProgram(["/usr/bin/python3", "-c", originalDatabase, "\(folder.path)/processor.db", id])
        #expect(made.code == 0, "\(made.output)")
        let line = [
            binary, "import", "images", "--database", "\(folder.path)/processor.db", "--storage",
            "\(folder.path)/storage", "--data", "\(folder.path)/data", "--json",
        ]
        let report = try JSON(parsing: Array(try await runProgram(line).output.utf8))
        #expect(report == ["imported": 1, "present": 0, "skipped": [:]])
        let again = try JSON(parsing: Array(try await runProgram(line).output.utf8))
        #expect(again["present"] == 1)
        let server = try await RunningServer(data: "\(folder.path)/data")
        let file = try await Client(server).get("/storage/photos/processed/medium/\(id)_medium.webp")
        #expect(file.status == 200 && file.body == picture)
    }

    @Test func uploadSendsFoldersAndSaysWhatFailed() async throws {
        let server = try await RunningServer()
        let folder = try TemporaryFolder()
        for name in ["photo.jpg", "palette.png"] {
            try Data(fixture(name)).write(to: URL(filePath: "\(folder.path)/\(name)"))
        }
        try Data(fixture("photo.jpg").dropLast(1000)).write(to: URL(filePath: "\(folder.path)/truncated.jpg"))
        let answer = try await runProgram([
            binary, "upload", "--url", server.url, "--token", Client.token(sub: "tester"), "--bucket", "cli",
            folder.path,
        ])
        #expect(answer.code == 1)
        #expect(answer.output.contains("truncated.jpg"))
        #expect(answer.output.contains("2 of 3"), "\(answer.output)")
    }

    @Test func tokenOfTheProgramIsAccepted() async throws {
        let server = try await RunningServer()
        let token = try await runProgram(
            [binary, "token", "--sub", "alice"],
            environment: ["JWT_SECRET_KEY": RunningServer.secret],
            folder: "/tmp",
        )
        let client = Client(server, token: token.output.trimmingCharacters(in: .whitespacesAndNewlines))
        #expect(try await client.upload(fixture("photo.jpg")).status == 202)
    }

    @Test func keysCanBeMadeUsedAndRevoked() async throws {
        let server = try await RunningServer()
        let made = try await runProgram(
            [binary, "key", "create", "--owner", "alice", "--data", server.data],
            folder: server.data,
        )
        let key = try #require(made.output.split(separator: "\n").first { $0.hasPrefix("pk_") })
        let client = Client(server, token: nil)
        let headers = ["X-API-Key": String(key)]
        #expect(try await client.upload(fixture("photo.jpg"), headers: headers).status == 202)
        let list = try await runProgram([binary, "key", "list", "--json", "--data", server.data], folder: server.data)
        #expect(!list.output.contains(key))
        let id = try #require(try JSON(parsing: Array(list.output.utf8)).array?.first?["id"]?.string)
        #expect(
            try await runProgram([binary, "key", "revoke", id, "--data", server.data], folder: server.data).code == 0
        )
        #expect(try await client.upload(fixture("photo.jpg"), headers: headers).status == 401)
    }

    @Test func backupStartsAsAServerOfItsOwn() async throws {
        let server = try await RunningServer()
        let state = try await Client(server).process(fixture("photo.jpg"))
        let id = try #require(state["image_id"]?.string)
        let folder = try TemporaryFolder()
        let target = "\(folder.path)/copy"
        let answer = try await runProgram([binary, "backup", "--data", server.data, target], folder: folder.path)
        #expect(answer.code == 0, "\(answer.output)")
        let copy = try await RunningServer(data: target)
        let original = try await Client(server).get("/api/v1/images/\(id)/direct?size=large")
        let restored = try await Client(copy).get("/api/v1/images/\(id)/direct?size=large")
        #expect(restored.status == 200 && restored.body == original.body)
    }

    @Test func erasedUserLeavesNothing() async throws {
        let folder = try TemporaryFolder()
        let server = try await RunningServer(data: folder.path)
        let state = try await Client(server, token: Client.token(sub: "alice")).process(fixture("photo.jpg"))
        let id = try #require(state["image_id"]?.string)
        let kept = try await Client(server, token: Client.token(sub: "bob")).process(fixture("palette.png"))
        let answer = try await runProgram(
            [binary, "user", "erase", "--yes", "alice", "--data", folder.path],
            folder: folder.path,
        )
        #expect(answer.code == 0, "\(answer.output)")
        #expect(try await Client(server).get("/api/v1/images/\(id)").status == 404)
        #expect(try await Client(server).get("/api/v1/images/\(kept["image_id"]?.string ?? "")").status == 200)
        await server.stop()
        let traces = try await runProgram([
            "/usr/bin/python3", "-c",
            """
            import sqlite3, sys
            database = sqlite3.connect(sys.argv[1])
            print(sum("alice" in line for line in database.iterdump()))
            """, "\(folder.path)/pictor.db",
        ])
        #expect(traces.output.hasPrefix("0"))
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        #expect(!files.contains { $0.contains(id) })
    }

    @Test func doctorFindsNothingWrong() async throws {
        let folder = try TemporaryFolder()
        let answer = try await runProgram([binary, "doctor", "--data", folder.path], folder: folder.path)
        #expect(answer.code == 0, "\(answer.output)")
    }

    @Test func doctorSaysHowToMendWhatComparesMeanings() async throws {
        let folder = try TemporaryFolder()
        let answer = try await runProgram(
            [binary, "doctor", "--data", folder.path],
            environment: ["PICTOR_HOME": folder.path],
            folder: folder.path,
        )
        #expect(answer.code == 1)
        #expect(
            answer.output.split(separator: "\n").contains { $0.contains("meanings") && $0.contains("script/setup") }
        )
        let models = try await runProgram(
            [binary, "model", "list"],
            environment: ["PICTOR_HOME": folder.path],
            folder: folder.path,
        )
        #expect(models.code == 0)
        #expect(models.output.contains("script/setup"))
    }

    @Test func modelsAreListedAndStrangeFoldersRefused() async throws {
        let folder = try TemporaryFolder()
        let list = try await runProgram([binary, "model", "list", "--verify"], folder: folder.path)
        #expect(list.code == 0, "\(list.output)")
        #expect(list.output.contains("minilm  embedding  384 dimensions"))
        let refused = try await runProgram([binary, "model", "import", folder.path], folder: folder.path)
        #expect(refused.code == 1)
        #expect(refused.output.contains("model.onnx"))
    }

    @Test func healthcheckTellsTheTruth() async throws {
        let server = try await RunningServer()
        #expect(try await runProgram([binary, "healthcheck", "--url", server.url]).code == 0)
        await server.stop()
        #expect(try await runProgram([binary, "healthcheck", "--url", server.url]).code == 1)
    }
}

/// Python that makes the original's database with one completed picture.
private let originalDatabase = """
    import sqlite3, sys
    database = sqlite3.connect(sys.argv[1])
    database.execute('''CREATE TABLE processing_jobs (job_id TEXT PRIMARY KEY, image_id TEXT, status TEXT,
        storage_bucket TEXT, staging_path TEXT, processed_paths JSON, processing_metadata JSON,
        attempt_count INTEGER, max_retries INTEGER, last_error TEXT, created_at TEXT, started_at TEXT,
        completed_at TEXT)''')
    path = '{"medium": "processed/medium/' + sys.argv[2] + '_medium.webp"}'
    database.execute("INSERT INTO processing_jobs VALUES (?, ?, 'completed', 'photos', '', ?, '{}', 1, 3, NULL, "
        "'2025-11-12 10:00:00', NULL, '2025-11-12 10:00:03')", ("1" + sys.argv[2][1:], sys.argv[2], path))
    database.commit()
    """
