import Kernel

/// Takes in the files of a pack through the one way in, with what the pack says of them.
///
/// It may be broken off and done again: what is a meme already is only given what it lacks.
struct ImportPack: Sendable {
    /// A file of a pack that comes next.
    struct Candidate: Sendable {
        let item: PackItem
        let content: Content
    }

    /// What is in a file, or why it is not taken.
    enum Content: Sendable {
        case bytes([UInt8])
        case refused(String)
    }

    /// A pack that is open.
    struct Source: Sendable {
        var libraries: [PackManifest.Library] = []
        /// What is known of the pack before the first file is read.
        var report = MemesModule.PackReport()
        /// Files that will be settled, those of the report among them.
        let total: Int
        /// The next file, called again when it has answered; `nil` at the end.
        let next: @Sendable () async throws -> Candidate?
    }

    let addMeme: AddMeme
    let libraries: LibraryStore
    let time: any TimeSource

    /// One is decoded while the other is read and written.
    private static let parallel = 2

    /// - Parameters:
    ///   - source: The pack.
    ///   - library: Where all shall stand, instead of where the pack says.
    ///   - progress: Hears of each settled file; what it throws ends the import.
    /// - Returns: What became of each file.
    /// - Throws: What no file is to blame for, such as a full disk; doing it again goes on.
    func callAsFunction(
        _ source: Source,
        into library: String?,
        progress: MemesModule.PackProgress,
    ) async throws -> MemesModule.PackReport {
        let shelves = Shelves(libraries: libraries, known: source.libraries, only: library, time: time)
        var report = source.report
        var running = 0
        try await withThrowingTaskGroup(of: Outcome.self) { group in
            func settle(_ outcome: Outcome) async throws {
                running -= 1
                switch outcome.result {
                case .success(let added): report.take(added)
                case .failure(let refusal): report.refuse(outcome.file, refusal.message)
                }
                try await progress(report.added + report.known + report.refused, source.total)
            }
            while let candidate = try await source.next() {
                if running >= Self.parallel, let outcome = try await group.next() { try await settle(outcome) }
                running += 1
                let shelf = try await shelves.ids(candidate.item.libraries)
                group.addTask { try await take(candidate, into: shelf) }
            }
            while let outcome = try await group.next() { try await settle(outcome) }
        }
        return report
    }

    private struct Refusal: Error {
        let message: String
    }

    private struct Outcome: Sendable {
        let file: String
        let result: Result<MemesModule.Added, Refusal>
    }

    private func take(_ candidate: Candidate, into shelves: [ID<MemeLibrary>]) async throws -> Outcome {
        let item = candidate.item
        func refused(_ message: String) -> Outcome {
            Outcome(file: item.file, result: .failure(Refusal(message: message)))
        }
        switch candidate.content {
        case .refused(let message): return refused(message)
        case .bytes(let bytes):
            if let hash = item.hash, hash != Digest.sha256(bytes).hexadecimal {
                return refused("The file is not the one that the manifest means: its SHA-256 is another.")
            }
            let source = ownSource(of: bytes, by: "pack")
            let file = AddMeme.File(
                bytes: bytes,
                name: item.name,
                source: source,
                libraries: shelves,
                texts: item.texts,
            )
            do {
                return Outcome(file: item.file, result: .success(try await addMeme(file)))
            } catch let error as any Failure where error.isPermanent {
                return refused(error.message)
            }
        }
    }
}

/// The libraries that a pack names, made when the first meme needs them.
private final class Shelves {
    private let libraries: LibraryStore
    private let known: [PackManifest.Library]
    /// The name of the one library that takes all.
    private let only: String?
    private let time: any TimeSource
    private var made: [String: ID<MemeLibrary>] = [:]

    init(libraries: LibraryStore, known: [PackManifest.Library], only: String?, time: any TimeSource) {
        self.libraries = libraries
        self.known = known
        self.only = only
        self.time = time
    }

    func ids(_ names: [String]) async throws -> [ID<MemeLibrary>] {
        var ids: [ID<MemeLibrary>] = []
        for name in only.map({ [$0] }) ?? names {
            if made[name] == nil { made[name] = try await take(name) }
            if let id = made[name], !ids.contains(id) { ids.append(id) }
        }
        return ids
    }

    private func take(_ name: String) async throws -> ID<MemeLibrary> {
        let library = known.first { $0.name == name } ?? PackManifest.Library(name: name)
        try await libraries.put(
            id: ID(),
            name: name,
            version: library.version,
            author: library.author,
            description: library.description,
            at: time.now,
        )
        return try await libraries.take(name: name, at: time.now).id
    }
}
