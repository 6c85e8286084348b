import Foundation
import TestSupport

/// Runs a program to its end, which must come within that many seconds.
///
/// - Returns: Its exit code and both outputs together.
func runProgram(
    _ line: [String],
    environment: [String: String] = [:],
    folder: String = repositoryRoot,
    atMost seconds: Int = 60,
) async throws -> (code: Int32, output: String) {
    let base = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": "/tmp"]
    // A file, not a pipe: a pipe that a server of another test inherited would stay open until that ends.
    let scratch = try TemporaryFolder()
    let path = "\(scratch.path)/output"
    try Data().write(to: URL(filePath: path))
    let output = try FileHandle(forWritingTo: URL(filePath: path))
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/timeout")
    process.arguments = ["--kill-after=5", "\(seconds)"] + line
    process.environment = base.merging(environment) { $1 }
    process.currentDirectoryURL = URL(filePath: folder)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    let (ends, end) = AsyncStream<Int32>.makeStream()
    process.terminationHandler = { process in
        let wasSignal = process.terminationReason == .uncaughtSignal
        end.yield(wasSignal ? 128 + process.terminationStatus : process.terminationStatus)
        end.finish()
    }
    try process.run()
    let code = await ends.first { _ in true } ?? -1
    return (code, String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self))
}
