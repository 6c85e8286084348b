import Database
import Images
import Imaging
import Jobs
import Kernel
import MemeSearch

/// Takes in a picture: stores it, makes it searchable by its name at once, and promises the rest.
struct AddMeme: Sendable {
    /// A file on its way in.
    struct File: Sendable {
        let bytes: [UInt8]
        let name: String
        /// Where it comes from, such as `file:/home/me/memes/cat.jpg`: one meme may come from several places.
        let source: String?
        /// The libraries it shall stand in.
        var libraries: [ID<MemeLibrary>] = []
        /// Words that somebody gave it already, such as a pack's tags. To a meme that is there already only those are
        /// given that it lacks.
        var texts: [MemeText] = []
        /// What the pipeline shall do with a new meme; `nil` for all.
        var stages: [MemeStage]?
    }

    let aliases: AliasStore
    let images: ImagesModule
    let jobs: JobQueue
    let memes: MemeStore
    let policy: StorePolicy
    let texts: MemeTextStore
    let time: any TimeSource

    /// Equal bytes are one meme: a second source becomes an alias of it.
    ///
    /// - Parameters:
    ///   - file: What came in.
    ///   - also: The caller's own rows, in the transaction of the meme's. What it throws keeps the meme out.
    /// - Returns: The meme, and whether it is new.
    /// - Throws: A ``Kernel/Failure`` of status 413, 415 or 422 for a file that is no picture within the limits, else
    ///   what the store or the database threw; then nothing is left behind.
    func callAsFunction(
        _ file: File,
        also: @escaping @Sendable (MemesModule.Added, any Transaction) throws -> Void = { _, _ in },
    ) async throws -> MemesModule.Added {
        guard file.bytes.count <= policy.limits.bytes else {
            throw MemesError.tooLarge(limitBytes: policy.limits.bytes)
        }
        let hash = Digest.sha256(file.bytes).hexadecimal
        if let known = try await memes.find(hash: hash) { return try await addAlias(file, to: known, also) }
        let id = ID<Meme>()
        do {
            _ = try await images.store(file.bytes, as: ID(same: id), policy) { [self] picture, transaction in
                try insert(file, picture, in: transaction)
                try also(MemesModule.Added(id: id, isNew: true), transaction)
            }
            return MemesModule.Added(id: id, isNew: true)
        } catch is EqualBytes {
            // Another request brought the same bytes meanwhile.
            guard let known = try await memes.find(hash: hash) else { throw MemesError.memeNotFound }
            return try await addAlias(file, to: known, also)
        }
    }

    private func insert(_ file: File, _ picture: StoredPicture, in transaction: any Transaction) throws {
        let now = time.now
        let meme = NewMeme(picture, fileName: file.name)
        guard try memes.insert(meme, at: now, in: transaction) else { throw EqualBytes() }
        let named = MemeText(.filename, [fileNameWords(file.name).joined(separator: " ")], by: .filename)
        for text in [named] + file.texts { try texts.put(text, of: meme.id, at: now, in: transaction) }
        try addTo(file, meme.id, at: now, in: transaction)
        try jobs.enqueue(ReadMeme(meme: meme.id, stages: file.stages), in: transaction)
    }

    private func addAlias(
        _ file: File,
        to meme: Meme,
        _ also: @escaping @Sendable (MemesModule.Added, any Transaction) throws -> Void,
    ) async throws -> MemesModule.Added {
        let now = time.now
        let added = MemesModule.Added(id: meme.id, isNew: false)
        try await memes.database.transaction { [self] transaction in
            let shelves = try LibraryStore.missing(meme.id, in: file.libraries, transaction)
            let given = try texts.missing(file.texts.filter { $0.field != .filename }, of: meme.id, in: transaction)
            let words = try nameWords(with: file, of: meme.id, in: transaction)
            // The counter of changes before the row, as everywhere: two that wait for each other would be refused.
            if !shelves.isEmpty || words != nil || !given.isEmpty {
                try memes.touch(meme.id, at: now, in: transaction)
            }
            try addTo(file, meme.id, at: now, in: transaction)
            for text in given + (words.map { [$0] } ?? []) {
                try texts.put(text, of: meme.id, at: now, in: transaction)
            }
            if !given.isEmpty { try jobs.enqueue(EmbedMeme(meme: meme.id), in: transaction) }
            try also(added, transaction)
        }
        return added
    }

    /// Whoever knows the file by its second name finds it by that, too.
    ///
    /// - Returns: The words of all names, or `nil` when this one has no new word.
    private func nameWords(with file: File, of id: ID<Meme>, in transaction: any Transaction) throws -> MemeText? {
        let known = try texts.values(of: .filename, by: .filename, of: id, in: transaction)
        let words = known.flatMap { $0.split(separator: " ").map(String.init) }
        let more = fileNameWords(file.name).filter { !words.contains($0) }
        guard !more.isEmpty, words.count + more.count <= Self.mostNameWords else { return nil }
        return MemeText(.filename, [(words + more).joined(separator: " ")], by: .filename)
    }

    /// A picture that is everywhere under other names would be found by all of their words.
    private static let mostNameWords = 50

    private func addTo(_ file: File, _ id: ID<Meme>, at now: Timestamp, in transaction: any Transaction) throws {
        if let source = file.source { try aliases.put(source, of: id, at: now, in: transaction) }
        for library in file.libraries { try LibraryStore.put(id, into: library, in: transaction) }
    }
}

/// The bytes are a meme already.
private struct EqualBytes: Error {}

extension NewMeme {
    init(_ picture: StoredPicture, fileName: String) {
        let size = picture.facts?.size ?? picture.header.size
        self.init(
            id: ID(same: picture.id),
            contentHash: picture.contentHash,
            fileName: fileName,
            mimeType: picture.mimeType,
            sizeBytes: picture.sizeBytes,
            width: size.width,
            height: size.height,
            frames: picture.header.frames,
            perceptualHash: picture.facts?.perceptualHash,
            differenceHash: picture.facts?.differenceHash,
            colours: picture.facts?.palette.map(\.hexadecimal) ?? [],
        )
    }
}
