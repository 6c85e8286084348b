import Database
import Kernel
import MemeSearch
import Telemetry

/// Keeps the index up with the rows: all of them at start, then whatever any process changes, within a second.
struct IndexFollower: Service {
    let index: MemeIndex
    let memes: MemeStore
    let texts: MemeTextStore
    let libraries: LibraryStore
    let log: Log
    let time: any TimeSource

    /// How often the tables are looked at without being told: a command beside a server on SQLite has nobody to tell.
    static let interval = Duration.milliseconds(500)
    private static let page = 500

    var name: String { "meme index" }

    func run() async throws {
        for await _ in hints() {
            do {
                try await catchUp()
            } catch {
                log.warning("the index of memes is behind", ["error": "\(error)"])
            }
            if Task.isCancelled { return }
        }
    }

    /// Reads everything that has changed since the last time.
    func catchUp() async throws {
        let current = try await MemeCounter.current(in: memes.database)
        let known = index.generation
        guard current > known else { return }
        var position = known
        while true {
            let changed = try await memes.changed(after: position, limit: Self.page)
            guard let last = changed.last else { break }
            index.upsert(try await documents(of: changed))
            position = last.change
        }
        // After the rows: what went while they were read has a later change than `current`, or is in this list.
        index.remove(try await memes.gone(after: known, upTo: max(current, position)))
        index.reach(max(current, position))
    }

    private func documents(of memes: [Meme]) async throws -> [(entry: MemeIndex.Entry, document: SearchDocument)] {
        let ids = memes.map(\.id)
        let (words, shelves) = (try await texts.texts(of: ids), try await libraries.names(of: ids))
        return memes.map { meme in
            let entry = MemeIndex.Entry(id: meme.id, perceptualHash: meme.perceptualHash)
            let texts = words[meme.id] ?? MemeTexts([])
            return (entry, SearchDocument(meme, texts, libraries: shelves[meme.id] ?? []))
        }
    }

    /// An element at once, after every announcement, and every ``interval``; several may come as one.
    private func hints() -> AsyncStream<Void> {
        let announcements = memes.database.announcements(changeChannel)
        let (hints, hint) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let listening = Task { for await _ in announcements { hint.yield() } }
        let looking = Task { [time] in
            while true {
                hint.yield()
                try await time.sleep(until: time.now + Self.interval)
            }
        }
        hint.onTermination = { _ in
            listening.cancel()
            looking.cancel()
        }
        return hints
    }
}

extension SearchDocument {
    /// What the index needs of a meme.
    init(_ meme: Meme, _ texts: MemeTexts, libraries: [String]) {
        self.init(number: meme.number)
        text = texts.joined(.ocr)
        title = texts.joined(.title)
        meaning = texts.joined(.meaning)
        scene = texts.joined(.scene)
        tags = texts.values(.subjects) + texts.values(.keywords) + texts.values(.template)
        emotions = texts.values(.emotions)
        fileName = meme.fileName
        self.libraries = libraries
        colors = namesOfColours(meme.colours)
        type = meme.mimeType.split(separator: "/").last.map(String.init) ?? ""
        isAnimated = meme.frames > 1
        width = meme.width
        height = meme.height
        pictureHash = meme.perceptualHash
        contentHash = UInt64(meme.contentHash.prefix(16), radix: 16)
        likes = meme.likes
        dislikes = meme.dislikes
    }
}
