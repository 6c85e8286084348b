import Foundation
import TestSupport
import Testing

/// The rules of the house that the compiler does not check.
@Suite struct HouseTests {
    /// SwiftPM's own check misses imports that come through another module, so this one reads the `import` lines.
    @Test func modulesImportOnlyWhatTheManifestNames() async throws {
        let targets = try await manifestTargets()
        #expect(targets.count > 20)
        let names = Set(targets.map(\.name))
        for target in targets {
            for file in try swiftFiles(below: target.path) {
                for module in try imports(of: file) where names.contains(module) {
                    #expect(
                        target.dependencies.contains(module),
                        "\(file.dropFirst(repositoryRoot.count + 1)) imports \(module), which \(target.name) does not name",
                    )
                }
            }
        }
    }

    @Test func manifestNamesOnlyWhatIsImported() async throws {
        for target in try await manifestTargets() where !target.path.contains("/Sources/C/") {
            let used = try Set(swiftFiles(below: target.path).flatMap(imports))
            for dependency in target.dependencies where dependency != "TestSupport" {
                #expect(used.contains(dependency), "\(target.name) names \(dependency) and never imports it")
            }
        }
    }

    @Test func servicesTouchNoPointers() throws {
        for file in try swiftFiles(below: "\(repositoryRoot)/Sources/Services") {
            #expect(try !text(file).contains("Unsafe"), "\(file)")
        }
    }

    @Test func noFileIsLongerThan400Lines() throws {
        for folder in ["Sources", "Tests", "Benchmarks"] {
            for file in try swiftFiles(below: "\(repositoryRoot)/\(folder)") {
                let lines = try text(file).split(separator: "\n", omittingEmptySubsequences: false).count - 1
                #expect(lines <= 400, "\(file) has \(lines) lines")
            }
        }
    }

    /// The full Foundation adds 41 MB of ICU data to the binary.
    @Test func theProductImportsOnlyTheEssentialsOfFoundation() throws {
        for file in try swiftFiles(below: "\(repositoryRoot)/Sources") {
            #expect(try !imports(of: file).contains("Foundation"), "\(file)")
        }
    }
}

private struct ManifestTarget {
    let name: String
    let path: String
    let dependencies: Set<String>
}

private func manifestTargets() async throws -> [ManifestTarget] {
    // A scratch folder of its own: `swift test` holds the lock of the usual one.
    let scratch = try TemporaryFolder()
    let run = try await runProgram(
        ["swift", "package", "--package-path", repositoryRoot, "--scratch-path", scratch.path, "dump-package"],
        environment: ["HOME": ProcessInfo.processInfo.environment["HOME"] ?? "/tmp"],
        errors: false,
    )
    let manifest = try #require(try JSONSerialization.jsonObject(with: Data(run.bytes)) as? [String: Any])
    let targets = try #require(manifest["targets"] as? [[String: Any]])
    return targets.compactMap { target in
        guard let name = target["name"] as? String, let path = target["path"] as? String else { return nil }
        let dependencies = (target["dependencies"] as? [[String: Any]] ?? []).compactMap { dependency in
            (dependency["byName"] as? [Any])?.first as? String
        }
        return ManifestTarget(name: name, path: "\(repositoryRoot)/\(path)", dependencies: Set(dependencies))
    }
}

private func swiftFiles(below folder: String) throws -> [String] {
    guard FileManager.default.fileExists(atPath: folder) else { return [] }
    return try FileManager.default.subpathsOfDirectory(atPath: folder)
        .filter { $0.hasSuffix(".swift") }.sorted().map { "\(folder)/\($0)" }
}

private func text(_ file: String) throws -> String { try String(contentsOfFile: file, encoding: .utf8) }

private func imports(of file: String) throws -> [String] {
    try text(file).split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ").filter { $0 != "internal" && $0 != "@testable" && $0 != "package" }
        return words.count >= 2 && words[0] == "import" ? String(words[1]) : nil
    }
}
