import FoundationEssentials

/// A folder of its own for one test, gone when the value is.
package final class TemporaryFolder: Sendable {
    /// The absolute path, without a slash at the end.
    package let path: String

    package init() throws {
        path = "/tmp/pictor-test-\(UUID().uuidString.lowercased())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The top folder of the repository: `Package.swift`, `docs` and `script` stand there.
package let repositoryRoot: String = {
    #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
}()
