import Foundation

/// How a program ended and what it wrote.
package struct ProgramRun: Sendable {
    package let code: Int32
    /// Both outputs, or the first alone.
    package let bytes: [UInt8]
    package var output: String { String(decoding: bytes, as: UTF8.self) }
}

/// Runs a program, found on the `PATH` of the tests, to its end, which must come within that many seconds. It gets
/// `PATH`, `HOME` and `environment` only; `errors` says whether its errors are collected with its output.
package func runProgram(
    _ line: [String],
    environment: [String: String] = [:],
    folder: String = repositoryRoot,
    errors: Bool = true,
    atMost seconds: Int = 600,
) async throws -> ProgramRun {
    let base = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": "/tmp"]
    let child = try ChildProcess(
        ["/usr/bin/timeout", "--kill-after=5", "\(seconds)"] + line,
        environment: base.merging(environment) { $1 },
        folder: folder,
        errors: errors,
    )
    let code = await child.exitCode()
    return ProgramRun(code: code, bytes: await child.outputToTheEnd())
}
