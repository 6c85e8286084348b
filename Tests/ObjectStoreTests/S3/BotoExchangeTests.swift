import FoundationEssentials
import Kernel
import ObjectStore
import TestSupport
import Testing

/// What we write, Amazon's client reads, and the other way round.
@Suite(.timeLimit(.minutes(5))) struct BotoExchangeTests {
    @Test(arguments: [0, 1_000_003, 9_000_000])
    func bytesSurviveTheWayThroughBoth(_ size: Int) async throws {
        let server = try await S3Server.shared.value
        let bucket = try await server.bucket()
        let store = try S3ObjectStore(bucket) { $0.prefix = "" }
        let folder = try TemporaryFolder()
        let bytes = pattern(size)
        try Data(bytes).write(to: URL(filePath: folder.path + "/file"))
        try await store.putFile(folder.path + "/file", at: key("a=b/c.bin"))
        let process = try ChildProcess(
            [
                repositoryRoot + "/.pictor/venv/bin/python3", "-B",
                repositoryRoot + "/Tests/ObjectStoreTests/S3/boto3_exchange.py", "\(server.port)", bucket.name,
                "a=b/c.bin",
            ],
            environment: ["PATH": "/usr/bin:/bin"],
            folder: folder.path,
        )
        let line = await process.line { $0.hasPrefix("sha256 ") }
        #expect(line == "sha256 \(Digest.sha256(bytes).hexadecimal)", "\(process.output)")
        #expect(await process.exitCode() == 0)
        #expect(try await store.get(key("a=b/c.bin.copy")) == bytes)
    }
}
