import Archives
import Images
import Imaging
import Kernel

/// Packs memes: the pictures as they came in, and a manifest with everything that was said of them and by whom.
struct ExportPack: Sendable {
    let images: ImagesModule
    let libraries: LibraryStore
    let memes: MemeStore
    let texts: MemeTextStore
    /// Checksums and deflates.
    let pool: WorkPool
    let time: any TimeSource

    private static let page = 100

    /// Writes a ZIP archive piece by piece; only one picture and the manifest are in memory. Memes that go meanwhile are
    /// left out.
    ///
    /// - Returns: How many memes are in it.
    /// - Throws: What the stores or `write` threw: then what was written is no archive.
    func callAsFunction(
        _ ids: [ID<Meme>],
        progress: MemesModule.PackProgress,
        write: ([UInt8]) async throws -> Void,
    ) async throws -> Int {
        let writer = ZIPWriter()
        var manifest = PackManifestWriter()
        var done = 0
        for start in stride(from: 0, to: ids.count, by: Self.page) {
            for packed in try await page(Array(ids[start..<min(start + Self.page, ids.count)])) {
                done += 1
                guard let picture = try await original(of: packed.meme) else { continue }
                let name = packed.file
                let modified = packed.meme.createdAt.milliseconds / 1000
                try await write(
                    try await pool.run { writer.add(name, picture, deflates: false, modified: modified) }
                )
                manifest.add(packed)
                try await progress(done, ids.count)
            }
        }
        let known = try await libraries.all()
        let now = time.now
        try await write(
            try await pool.run { [manifest] in
                let text = manifest.bytes(libraries: known, at: now)
                let name = "\(PackManifest.stem).json"
                return writer.add(name, text, deflates: true, modified: now.milliseconds / 1000) + writer.finish()
            }
        )
        return manifest.count
    }

    private func page(_ ids: [ID<Meme>]) async throws -> [PackedMeme] {
        let found = Dictionary(uniqueKeysWithValues: try await memes.find(all: ids).map { ($0.id, $0) })
        let said = try await texts.said(of: ids)
        let names = try await libraries.names(of: ids)
        return ids.compactMap { id in
            found[id].map { PackedMeme(meme: $0, libraries: names[id] ?? [], texts: said[id] ?? []) }
        }
    }

    /// `nil` when the picture was deleted meanwhile.
    private func original(of meme: Meme) async throws -> [UInt8]? {
        do {
            return try await images.original(of: ID(same: meme.id))
        } catch let error as any Failure where error.status == 404 {
            return nil
        }
    }
}

/// A meme as it stands in a pack.
struct PackedMeme: Sendable {
    let meme: Meme
    let libraries: [String]
    let texts: [MemeText]

    /// Where its picture is: under its name where that is one for every system, and like no other.
    var file: String {
        let ending = ImageFormat.accepted.first { $0.mimeType == meme.mimeType }?.rawValue ?? "bin"
        let dot = meme.fileName.lastIndex(of: ".") ?? meme.fileName.endIndex
        let plain = meme.fileName[..<dot].unicodeScalars.map { scalar -> Character in
            let isFine = scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_"
            return isFine ? Character(scalar) : "-"
        }
        let stem = String(plain.prefix(60))
        return "pictures/\(stem.isEmpty ? "" : stem + "-")\(meme.contentHash.prefix(16)).\(ending)"
    }

    /// As the manifest has it.
    var json: JSON {
        [
            "file": JSON(file), "name": JSON(meme.fileName), "sha256": JSON(meme.contentHash),
            "libraries": JSON(libraries), "texts": JSON(texts.map(Self.text)),
        ]
    }

    private static func text(_ text: MemeText) -> JSON {
        let name = PackItem.fields.first { $0.field == text.field }?.name ?? text.field.rawValue
        return [
            "field": JSON(name), "by": JSON(text.provenance.rawValue), "locked": JSON(text.provenance == .human),
            "values": JSON(text.values), "confidence": JSON(text.confidence),
        ]
    }
}

/// Collects the manifest of a pack as text, which takes a fraction of the room that its values would.
private struct PackManifestWriter: Sendable {
    private(set) var count = 0
    private var memes: [UInt8] = []
    private var names: Set<String> = []

    mutating func add(_ packed: PackedMeme) {
        if count > 0 { memes += Array(",\n".utf8) }
        memes += packed.json.bytes
        names.formUnion(packed.libraries)
        count += 1
    }

    /// The whole manifest, with those of `libraries` that memes of it stand in.
    func bytes(libraries: [MemeLibrary], at now: Timestamp) -> [UInt8] {
        let shelves = libraries.filter { names.contains($0.name) }.map { library -> JSON in
            [
                "name": JSON(library.name), "version": JSON(library.version), "author": JSON(library.author),
                "description": JSON(library.description),
            ]
        }
        let head: JSON = [
            "format": JSON(PackManifest.format), "version": .integer(PackManifest.version), "exported_at": JSON(now),
            "libraries": JSON(shelves),
        ]
        return head.bytes.dropLast() + Array(",\"memes\":[\n".utf8) + memes + Array("\n]}\n".utf8)
    }
}
