import HTTPServer
import Kernel

// Packs: memes with everything that is known of them, as one file, in and out.
extension MemesModule {
    /// Packs the selected memes as a ZIP archive with a manifest.
    ///
    /// - Parameters:
    ///   - selection: Which memes.
    ///   - progress: Hears of each meme.
    ///   - write: Gets the archive piece by piece.
    /// - Returns: How many memes are in it.
    /// - Throws: A ``Kernel/Failure`` when nothing or too much is selected, what the stores threw, what `write` threw.
    package func exportPack(
        _ selection: PackSelection,
        progress: PackProgress,
        write: ([UInt8]) async throws -> Void,
    ) async throws -> Int {
        try await pack(try await ids(of: selection), progress: progress, write: write)
    }

    /// Packs memes; see ``exportPack(_:progress:write:)``.
    func pack(
        _ ids: [ID<Meme>],
        progress: PackProgress = { _, _ in },
        write: ([UInt8]) async throws -> Void,
    ) async throws -> Int {
        try await ExportPack(
            images: parts.images,
            libraries: libraries,
            memes: memes,
            texts: texts,
            pool: packing,
            time: parts.time,
        )(ids, progress: progress, write: write)
    }

    /// Takes in a ZIP archive: a pack of ours, one of a community library, or plain pictures.
    ///
    /// - Parameters:
    ///   - path: The archive.
    ///   - library: Where all shall stand, instead of where the pack says.
    ///   - progress: Hears of each file.
    /// - Returns: What became of each file.
    /// - Throws: A ``Kernel/Failure`` when nothing of it is taken. One that is no 4xx may come in the middle: doing the
    ///   same again goes on.
    package func importPack(
        archive path: String,
        into library: String?,
        progress: PackProgress = { _, _ in },
    ) async throws -> PackReport {
        try await takePack(try await openPack(path), into: library, progress: progress)
    }

    /// Takes in the files that a manifest names.
    ///
    /// - Parameters:
    ///   - manifest: The manifest's content.
    ///   - fileName: Its name, which ends with `.json`, `.jsonl` or `.csv`.
    ///   - library: Where all shall stand, instead of where the manifest says.
    ///   - read: Reads a file beside the manifest.
    ///   - progress: Hears of each file.
    /// - Returns: What became of each file.
    /// - Throws: As for an archive.
    package func importPack(
        manifest: [UInt8],
        named fileName: String,
        into library: String?,
        read: @escaping PackFileReader,
        progress: PackProgress,
    ) async throws -> PackReport {
        guard let kind = PackManifest.Kind(fileName: fileName) else {
            throw PackError.badManifest(reason: "Its name does not end with .json, .jsonl or .csv.")
        }
        guard manifest.count <= PackSettings.maxManifestBytes else {
            throw PackError.badManifest(reason: "It is larger than \(PackSettings.maxManifestBytes >> 20) MiB.")
        }
        let parsed = try PackManifest(manifest, kind)
        let limit = parts.settings.pack.maxMemes
        guard parsed.items.count <= limit else { throw PackError.tooManyMemes(limit: limit) }
        let folder = PackFolder(manifest: parsed, maxPictureBytes: parts.settings.maxFileBytes, read: read)
        return try await takePack(folder.open(), into: library, progress: progress)
    }

    /// Looks at a whole archive and opens it.
    func openPack(_ path: String) async throws -> ImportPack.Source {
        let archive = PackArchive(
            path: path,
            limits: parts.settings.pack.limits(maxPictureBytes: parts.settings.maxFileBytes),
            maxPictureBytes: parts.settings.maxFileBytes,
            pool: packing,
        )
        return try await archive.open()
    }

    /// Takes in what ``openPack(_:)`` opened.
    func takePack(
        _ source: ImportPack.Source,
        into library: String?,
        progress: PackProgress,
    ) async throws -> PackReport {
        try await ImportPack(addMeme: addMeme, libraries: libraries, time: parts.time)(
            source,
            into: library,
            progress: progress,
        )
    }

    func addPackRoutes(to router: inout Router, _ envelope: Envelope) {
        router.errors(under: "/pack", envelope.errorStyle)
        let packs = PackRoutes(envelope: envelope, service: self)
        let limit = parts.settings.pack.maxFileBytes
        router.get("/pack", packs.export)
        router.get("/pack/address", packs.address)
        router.post("/pack", limits: .upload(maxBytes: limit, timeout: .seconds(4 * 3600)), packs.take)
    }
}
