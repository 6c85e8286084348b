import Glibc
import Kernel
import TestSupport

/// A clock that a redis-server shows instead of the system's, so that the contract's tests decide what time it is there.
final class ServerClock: Sendable {
    private let folder: TemporaryFolder
    private let file: Int32
    /// What the server must be started with.
    let environment: [String: String]

    init() async throws {
        let library = try await Self.library.value
        folder = try TemporaryFolder()
        let path = folder.path + "/clock"
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        environment = ["LD_PRELOAD": library.path + "/clock.so", "PICTOR_TEST_CLOCK": path]
        set(Timestamp(milliseconds: 0))
    }

    deinit { close(file) }

    func set(_ now: Timestamp) {
        var microseconds = now.milliseconds * 1000
        let written = pwrite(file, &microseconds, 8, 0)
        precondition(written == 8, "the server's clock cannot be set")
    }

    /// The folder of the compiled `ServerClock.c`, made once for all tests.
    private static let library = Task {
        let folder = try TemporaryFolder()
        let source = repositoryRoot + "/Tests/SharedStateTests/Redis/ServerClock.c"
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let line = ["/usr/bin/env", "clang", "-shared", "-fPIC", "-O1", "-o", folder.path + "/clock.so", source]
        let compiler = try ChildProcess(line, environment: ["PATH": path], folder: folder.path)
        guard await compiler.exitCode() == 0 else {
            throw RedisServer.Failed("clang, which the Swift toolchain brings, does not work: \(compiler.output)")
        }
        return folder
    }
}
