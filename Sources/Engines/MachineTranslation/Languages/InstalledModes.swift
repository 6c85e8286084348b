import FoundationEssentials

/// The pairs that a folder of mode files offers.
struct InstalledModes: Sendable {
    private(set) var modes: [LanguagePair: ModeFile] = [:]
    /// Files that name a pair and cannot be used, by their names, and why.
    private(set) var refused: [String: String] = [:]

    /// Pairs are named by their files: `eng-spa.mode`, `es-pt_BR.mode`. Other modes are parts of a pair, for its makers.
    init(folder: String) {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for file in files.sorted() where file.hasSuffix(".mode") {
            let languages = file.dropLast(".mode".count).split(separator: "-")
            guard languages.count == 2 else { continue }
            let pair = LanguagePair(from: String(languages[0]), to: String(languages[1]))
            do {
                modes[pair] = try Self.mode(at: "\(folder)/\(file)")
            } catch {
                refused[file] = "\(error)"
            }
        }
    }

    private static func mode(at path: String) throws -> ModeFile {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw ModeFile.Refused(description: "the file cannot be read")
        }
        let mode = try ModeFile(String(decoding: bytes, as: UTF8.self))
        for stage in mode.stages {
            guard FileManager.default.isExecutableFile(atPath: stage[0]) else {
                throw ModeFile.Refused(description: "\(stage[0]) is not installed")
            }
            // A missing dictionary would end the pipe at each start.
            for argument in stage.dropFirst() where argument.hasPrefix("/") {
                guard FileManager.default.fileExists(atPath: argument) else {
                    throw ModeFile.Refused(description: "\(argument) is not there")
                }
            }
        }
        return mode
    }
}
