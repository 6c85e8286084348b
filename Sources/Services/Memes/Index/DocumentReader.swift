import MemeSearch

/// Reads what searches need to know of memes.
struct DocumentReader: Sendable {
    let texts: MemeTextStore
    let libraries: LibraryStore

    /// A document for each of `memes`, in their order.
    func callAsFunction(of memes: [Meme]) async throws -> [SearchDocument] {
        let ids = memes.map(\.id)
        let (words, shelves) = (try await texts.texts(of: ids), try await libraries.names(of: ids))
        return memes.map { meme in
            SearchDocument(meme, words[meme.id] ?? MemeTexts([]), libraries: shelves[meme.id] ?? [])
        }
    }
}

extension SearchDocument {
    /// What the index needs of a meme.
    init(_ meme: Meme, _ texts: MemeTexts, libraries: [String]) {
        self.init(number: meme.number)
        text = texts.joined(.ocr)
        caption = texts.joined(.caption)
        title = texts.joined(.title)
        meaning = texts.joined(.meaning)
        scene = texts.joined(.scene)
        tags = texts.values(.subjects) + texts.values(.keywords) + texts.values(.template)
        emotions = texts.values(.emotions)
        nameWords = wordsOfNames(meme, texts)
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
