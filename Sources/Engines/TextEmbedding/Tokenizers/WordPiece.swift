/// BERT's tokenizer: words are cleaned (``BERTText``), then cut into the longest pieces that the vocabulary knows. Gives
/// the ids of Hugging Face's tokenizers.
struct WordPiece: Tokenizer {
    private let vocabulary: Vocabulary
    private let unknown: Int32
    /// Marks a piece that continues a word.
    private let prefix: [UInt8]
    private let prefixHash: Vocabulary.Hash
    private let longestWord: Int
    private let cleaning: BERTText
    private let added: AddedTokens

    /// `bytes`: A `tokenizer.json` that ``TokenizerFile/isPlainWordPiece``.
    init(_ bytes: [UInt8], _ file: TokenizerFile) throws {
        guard file.isPlainWordPiece, let tokens = VocabularyReader.read(bytes) else {
            throw TextEmbeddingError.unusable(why: "The model's tokenizer.json is not that of a WordPiece tokenizer.")
        }
        vocabulary = Vocabulary(tokens)
        guard let unknown = vocabulary.id(of: (file.model.unk_token ?? "[UNK]").utf8) else {
            throw TextEmbeddingError.unusable(why: "The model's vocabulary has no token for unknown words.")
        }
        self.unknown = unknown
        prefix = Array((file.model.continuing_subword_prefix ?? "##").utf8)
        var hash = Vocabulary.Hash()
        for byte in prefix { hash.add(byte) }
        prefixHash = hash
        longestWord = file.model.max_input_chars_per_word ?? 100
        let lowers = file.normalizer?.lowercase ?? true
        cleaning = BERTText(lowersCase: lowers, stripsAccents: file.normalizer?.strip_accents ?? lowers)
        added = AddedTokens(file.added_tokens ?? [])
    }

    func encode(_ texts: [String], limit: Int) -> [[Int32]] {
        texts.map { encode($0, limit: limit) }
    }

    /// The pieces of one text, at most `limit`.
    func encode(_ text: String, limit: Int) -> [Int32] {
        var ids: [Int32] = []
        added.split(Array(text.utf8)) { part in
            switch part {
            case .token(let id): ids.append(id)
            case .text(let bytes):
                cleaning.words(of: bytes) { word, characters in
                    append(word, characters, to: &ids)
                    return ids.count < limit
                }
            }
            return ids.count < limit
        }
        return Array(ids.prefix(max(0, limit)))
    }

    /// Adds the pieces of a word, or the unknown token when some part of it is not in the vocabulary.
    private func append(_ word: [UInt8], _ characters: Int, to ids: inout [Int32]) {
        guard characters <= longestWord else { return ids.append(unknown) }
        let mark = ids.count
        var start = 0
        while start < word.count {
            guard let (id, end) = longestPiece(of: word, from: start) else {
                ids.removeLast(ids.count - mark)
                return ids.append(unknown)
            }
            ids.append(id)
            start = end
        }
    }

    private func longestPiece(of word: [UInt8], from start: Int) -> (id: Int32, end: Int)? {
        withUnsafeTemporaryAllocation(of: Vocabulary.Hash.self, capacity: word.count - start) { hashes in
            var hash = start == 0 ? Vocabulary.Hash() : prefixHash
            for index in start..<word.count {
                hash.add(word[index])
                hashes.initializeElement(at: index - start, to: hash)
            }
            let before = start == 0 ? [] : prefix
            for end in stride(from: word.count, to: start, by: -1) where end == word.count || word[end] & 0xC0 != 0x80 {
                if let id = vocabulary.id(of: word[start..<end], after: before, hashes[end - 1 - start]) {
                    return (id, end)
                }
            }
            return nil
        }
    }
}
