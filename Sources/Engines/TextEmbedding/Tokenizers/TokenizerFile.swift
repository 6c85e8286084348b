import FoundationEssentials

/// What we read of a `tokenizer.json` of Hugging Face's tokenizers, beside the vocabulary.
struct TokenizerFile: Decodable {
    struct Model: Decodable {
        let type: String?
        let unk_token: String?
        let continuing_subword_prefix: String?
        let max_input_chars_per_word: Int?
    }

    struct Normalizer: Decodable {
        let type: String
        let clean_text: Bool?
        let handle_chinese_chars: Bool?
        let strip_accents: Bool?
        let lowercase: Bool?
    }

    struct PreTokenizer: Decodable { let type: String }

    struct Padding: Decodable { let pad_id: Int32? }

    /// A token that is found in the raw text before anything else.
    struct AddedToken: Decodable {
        let id: Int32
        let content: String
        let single_word: Bool?
        let normalized: Bool?
    }

    let model: Model
    let normalizer: Normalizer?
    let pre_tokenizer: PreTokenizer?
    let post_processor: PostProcessor?
    let padding: Padding?
    let added_tokens: [AddedToken]?

    init(_ bytes: [UInt8]) throws {
        do {
            self = try JSONDecoder().decode(TokenizerFile.self, from: Data(bytes))
        } catch {
            throw TextEmbeddingError.unusable(why: "The model's tokenizer.json cannot be read.")
        }
    }

    /// Whether ``WordPiece`` gives the same ids as the tokenizers that the file was made for.
    var isPlainWordPiece: Bool {
        model.type == "WordPiece" && normalizer?.type == "BertNormalizer" && pre_tokenizer?.type == "BertPreTokenizer"
            && normalizer?.clean_text != false && normalizer?.handle_chinese_chars != false
            && (added_tokens ?? []).allSatisfy { $0.normalized != true && $0.single_word != true }
    }
}

/// Which special tokens stand around one text or two.
struct PostProcessor: Decodable {
    /// One step of a template.
    struct Piece: Decodable {
        struct Part: Decodable {
            let id: String
            let type_id: Int32
        }

        let SpecialToken: Part?
        let Sequence: Part?
    }

    struct Special: Decodable { let ids: [Int32] }

    /// A token and its id, as BERT's and RoBERTa's processors write them.
    struct Pair: Decodable {
        let id: Int32

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            _ = try list.decode(String.self)
            id = try list.decode(Int32.self)
        }
    }

    let type: String
    let single: [Piece]?
    let pair: [Piece]?
    let special_tokens: [String: Special]?
    let cls: Pair?
    let sep: Pair?
    let processors: [PostProcessor]?
}
