import FoundationEssentials
import TestSupport
import Testing

/// What a program of `.pictor/venv` drew for these tests, once for all of them.
struct Pictures: Sendable {
    private let folder: TemporaryFolder

    /// The pictures of `pictures.py`.
    static let drawn = Task { try await Pictures(["Tests/OCRTests/pictures.py"]) }
    /// Words in columns, and what only looks so.
    static let vertical = Task { try await Pictures(["Tests/OCRTests/vertical.py"]) }
    /// Memes of the test split, of which no pass was chosen.
    static let memes = Task { try await rendered(count: 40, languages: "en") }
    /// Chinese ones.
    static let chinese = Task { try await rendered(count: 24, languages: "zh", styles: "impact,panel") }

    private static func rendered(count: Int, languages: String, styles: String = "") async throws -> Pictures {
        try await Pictures([
            "Benchmarks/SearchQuality/render.py", "--split", "test", "--seed", "5", "--count", "\(count)",
            "--languages", languages, "--styles", styles, "--out",
        ])
    }

    /// `program`: a script with its arguments, which get the folder as their last one.
    private init(_ program: [String]) async throws {
        folder = try TemporaryFolder()
        let process = try ChildProcess(
            [repositoryRoot + "/.pictor/venv/bin/python3", "-B"] + program + [folder.path],
            environment: ["PATH": "/usr/bin:/bin"],
            folder: repositoryRoot,
        )
        let code = await process.exitCode()
        try #require(code == 0, "\(process.output)\nIs script/setup --test done?")
    }

    func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path(name)))) }

    func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

    /// What is known of each meme.
    func truth() throws -> [Meme] {
        try text("truth.jsonl").split(separator: "\n").map { try JSONDecoder().decode(Meme.self, from: Data($0.utf8)) }
    }

    private func path(_ name: String) -> String { "\(folder.path)/\(name)" }
}

/// A line of `truth.jsonl`.
struct Meme: Decodable, Sendable {
    let file: String
    let caption: String
    let language: String
    let style: String

    var words: [String] { caption.split(separator: " ").map(String.init) }
}
