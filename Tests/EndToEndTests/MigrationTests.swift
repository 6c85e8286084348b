import Foundation
import HTTPClient
import Kernel
import TestSupport
import Testing

/// Out of one machine: what SQLite and a folder held answers from PostgreSQL and S3, under the same ids.
@Suite(.timeLimit(.minutes(5)))
struct MigrationTests {
    @Test func whatIsKeptMovesAndAnswersUnderTheSameIDs() async throws {
        let folder = try TemporaryFolder()
        let pictures = try await storePictures(in: folder.path)
        let translation = try await storeTranslation(in: folder.path)
        let meme = try await storeMeme(in: folder.path)
        let waiting = try await leaveJob(in: folder.path)
        let key = try await create(key: "mover", in: folder.path)
        let settings = try await move(folder.path)

        let elsewhere = try TemporaryFolder()
        let server = try await RunningServer(data: elsewhere.path, environment: settings)
        let client = Client(server)
        for (path, bytes) in pictures {
            let answer = try await Client(server, token: key).get(path)
            #expect(answer.status == 200 && answer.body == bytes, "\(path): \(answer.status)")
        }
        #expect(try await TranslatedSign(translation.id, client) == translation)
        #expect(try await client.finished(job: waiting)["status"] == "completed")
        try await expect(meme, findableBy: client)
        #expect(try await client.process(fixture("photo.jpg"))["status"] == "completed")
        #expect(await server.stop() == 0)

        // New memes get numbers after those that came along.
        let another = "\(elsewhere.path)/penguin_in_a_suit.png"
        try Data(PNG.scene(99).bytes).write(to: URL(filePath: another))
        let ingested = try await runProgram(
            [binary, "ingest", another, "--data", elsewhere.path],
            environment: settings,
        )
        #expect(ingested.code == 0, "\(ingested.output)")
    }

    /// - Returns: The bytes of some sizes by their paths.
    private func storePictures(in data: String) async throws -> [String: [UInt8]] {
        var bytes: [String: [UInt8]] = [:]
        let server = try await RunningServer(data: data)
        let client = Client(server)
        for name in ["photo.jpg", "rgb16.png", "lossy.webp"] {
            let image = try #require(try await client.process(fixture(name))["image_id"]?.string)
            for size in ["thumbnail", "original"] {
                let path = "/api/v1/images/\(image)/direct?size=\(size)"
                bytes[path] = try await client.get(path).body
            }
        }
        #expect(await server.stop() == 0)
        return bytes
    }

    private func storeTranslation(in data: String) async throws -> TranslatedSign {
        let folder = try await drawnSign()
        let server = try await RunningServer(data: data)
        let client = Client(server)
        let id = try #require(try await client.translate(sign(in: folder)).json["task_id"]?.string)
        #expect(try await client.finished(translation: id)["status"] == "completed")
        let translation = try await TranslatedSign(id, client)
        #expect(translation.text?.contains("manzanas verdes") == true)
        #expect(translation.files.count == 4 && translation.files.values.allSatisfy { $0.count > 100 })
        #expect(await server.stop() == 0)
        return translation
    }

    /// - Returns: The meme's bytes; its name says that somebody is tired on monday.
    private func storeMeme(in data: String) async throws -> [UInt8] {
        let folder = try TemporaryFolder()
        let bytes = PNG.scene(3).bytes
        try Data(bytes).write(to: URL(filePath: "\(folder.path)/tired_on_monday.png"))
        let run = try await runProgram([binary, "ingest", "\(folder.path)/tired_on_monday.png", "--data", data])
        #expect(run.code == 0, "\(run.output)")
        return bytes
    }

    /// - Returns: A job that waits when its server ends.
    private func leaveJob(in data: String) async throws -> String {
        let server = try await RunningServer(data: data, arguments: ["--no-workers"])
        let accepted = try await Client(server).upload(fixture("palette.png"))
        #expect(await server.stop() == 0)
        return try #require(accepted.json["job_id"]?.string)
    }

    /// - Returns: The settings of where all is now.
    private func move(_ data: String) async throws -> [String: String] {
        let (settings, _) = try await distributed()
        for command in [["database", "migrate"], ["storage", "migrate", "--from", "local", "--to", "s3", "--prune"]] {
            let line = [binary] + command + ["--data", data]
            for _ in 1...2 {  // the second time there is nothing left to do
                let run = try await runProgram(line, environment: settings)
                #expect(run.code == 0, "\(run.output)")
            }
        }
        return settings
    }

    /// Found by a word that stands nowhere, so by the vectors that came along.
    private func expect(_ meme: [UInt8], findableBy client: Client) async throws {
        let found = try await client.get("/query?content=exhausted+monday&n=1&explain=1").json
        let legs = found["hits"]?.array?.first?["legs"]?.array ?? []
        #expect(legs.contains { $0["leg"] == "dense" }, "\(found.text)")
        let address = try #require(found["data"]?.array?.first?.string)
        #expect(try await client.get(address).body == meme)
    }

    @Test func aServedDataDirectoryIsNotMovedAway() async throws {
        let server = try await RunningServer()
        let (settings, _) = try await distributed()
        let run = try await runProgram([binary, "database", "migrate", "--data", server.data], environment: settings)
        #expect(run.code == 69)
        #expect(run.output.contains("another pictor serves"))
    }

    @Test func aDatabaseThatDoesNotAnswerIsSaidWithoutItsPassword() async throws {
        let folder = try TemporaryFolder()
        let run = try await runProgram(
            [binary, "serve", "--port", "0", "--data", folder.path],
            environment: ["DATABASE_URL": "postgresql://pictor:hidden-word@127.0.0.1:1/pictor"],
        )
        #expect(run.code == 69)
        #expect(run.output.contains("PostgreSQL does not answer") && run.output.contains("DATABASE_URL"))
        #expect(!run.output.contains("hidden-word"))
    }

    private func create(key owner: String, in data: String) async throws -> String {
        let run = try await runProgram([
            binary, "key", "create", "--owner", owner, "--scope", "image:admin", "--data", data,
        ])
        return try #require(run.output.split(separator: "\n").map(String.init).first { !$0.contains(" ") })
    }
}

/// A finished translation of one picture, as a client sees it.
private struct TranslatedSign: Equatable {
    let id: String
    let text: String?
    let blocks: JSON?
    /// By the name of their address in the result.
    let files: [String: [UInt8]]

    init(_ id: String, _ client: Client) async throws {
        self.id = id
        let result = try await client.get("/api/v1/translate/result/\(id)?since=0").json
        let picture = try #require(result["partial_results"]?.array?.first, "\(result.text)")
        (text, blocks) = (picture["translated_text"]?.string, picture["blocks"])
        var files: [String: [UInt8]] = [:]
        for name in ["image_url", "clean_url", "mask_url", "original_url"] {
            let answer = try await client.get(try #require(picture[name]?.string))
            #expect(answer.status == 200, "\(name): \(answer.text)")
            files[name] = answer.body
        }
        self.files = files
    }
}

/// Settings of an empty database and an empty bucket, and what must live as long as the database is used.
func distributed() async throws -> (settings: [String: String], bucket: S3Bucket) {
    let postgresql = try await PostgreSQLServer.shared()
    let bucket = try await S3Server.shared.value.bucket()
    let settings = [
        "DATABASE_URL": postgresql.url(try await postgresql.createDatabase()).reveal(),
        "STORAGE_BACKEND": "s3", "AWS_S3_BUCKET_NAME": bucket.name, "AWS_ENDPOINT_URL": bucket.endpoint,
        "AWS_REGION": S3Server.region, "AWS_ACCESS_KEY_ID": S3Server.credentials.accessKey,
        "AWS_SECRET_ACCESS_KEY": S3Server.credentials.secretKey.reveal(),
    ]
    return (settings, bucket)
}
