import HTTPClient
import Kernel
import TestSupport
import Testing

/// Out of one machine: what SQLite and a folder held answers from PostgreSQL and S3, under the same ids.
@Suite(.timeLimit(.minutes(5)))
struct MigrationTests {
    @Test func rowsAndPicturesMoveAndAnswerUnderTheSameIDs() async throws {
        let folder = try TemporaryFolder()
        var before: [String: [UInt8]] = [:]
        let key: String
        do {
            let server = try await RunningServer(data: folder.path)
            let client = Client(server)
            for name in ["photo.jpg", "rgb16.png", "lossy.webp"] {
                let image = try #require(try await client.process(fixture(name))["image_id"]?.string)
                for size in ["thumbnail", "original"] {
                    let path = "/api/v1/images/\(image)/direct?size=\(size)"
                    before[path] = try await client.get(path).body
                }
            }
            key = try await create(key: "mover", in: folder.path)
            #expect(await server.stop() == 0)
        }
        let (settings, _) = try await distributed()
        for command in [["database", "migrate"], ["storage", "migrate", "--from", "local", "--to", "s3", "--prune"]] {
            let line = [binary] + command + ["--data", folder.path]
            for _ in 1...2 {  // the second time there is nothing left to do
                let run = try await runProgram(line, environment: settings)
                #expect(run.code == 0, "\(run.output)")
            }
        }
        let elsewhere = try TemporaryFolder()
        let server = try await RunningServer(data: elsewhere.path, environment: settings)
        for (path, bytes) in before {
            let answer = try await Client(server, token: key).get(path)
            #expect(answer.status == 200 && answer.body == bytes, "\(path): \(answer.status)")
        }
        let next = try await Client(server).process(fixture("photo.jpg"))
        #expect(next["status"] == "completed")
        #expect(await server.stop() == 0)
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
