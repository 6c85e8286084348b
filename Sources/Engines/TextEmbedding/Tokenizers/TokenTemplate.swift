/// The ids that a model reads for one text or for two.
struct Encoding: Sendable, Equatable {
    var ids: [Int32]
    /// The first id of type 1; `ids.count` when all are of type 0.
    var secondStart: Int
}

/// The special tokens around a text, and around and between two.
struct TokenTemplate: Sendable, Equatable {
    private var before: [Int32] = []
    private var after: [Int32] = []
    private var pairBefore: [Int32] = []
    private var pairBetween: [Int32] = []
    private var pairAfter: [Int32] = []
    /// Where type 1 begins, counted from the first text's end; `nil` when all is of type 0.
    private var typeOneOffset: Int?

    /// Reads the post-processor of a `tokenizer.json`; without one there are no special tokens.
    ///
    /// - Throws: ``TextEmbeddingError/unusable(why:)`` for one that we do not know.
    init(_ processor: PostProcessor?) throws {
        guard let processor else { return }
        switch processor.type {
        case "TemplateProcessing": try read(processor)
        case "BertProcessing": try readEnds(processor, between: 1, types: true)
        case "RobertaProcessing": try readEnds(processor, between: 2, types: false)
        case "ByteLevel": break  // moves offsets only
        case "Sequence":
            let known = (processor.processors ?? []).filter { $0.type != "ByteLevel" }
            guard known.count < 2 else { throw unknown }
            self = try TokenTemplate(known.first)
        default: throw unknown
        }
    }

    /// How many ids of a text fit into `limit`.
    func room(in limit: Int) -> Int { max(0, limit - before.count - after.count) }

    /// How many ids of two texts fit into `limit`.
    func pairRoom(in limit: Int) -> Int {
        max(0, limit - pairBefore.count - pairBetween.count - pairAfter.count)
    }

    /// One text, cut at its end to `limit` ids in all.
    func single(_ ids: [Int32], limit: Int) -> Encoding {
        let all = before + ids.prefix(room(in: limit)) + after
        return Encoding(ids: all, secondStart: all.count)
    }

    /// Two texts; what is too long is taken from the longer one, an id at a time, as Hugging Face's `longest_first` does.
    func pair(_ first: [Int32], _ second: [Int32], limit: Int) -> Encoding {
        let (firstCount, secondCount) = Self.share(first.count, second.count, room: pairRoom(in: limit))
        let head = pairBefore + first.prefix(firstCount)
        let all = head + pairBetween + second.prefix(secondCount) + pairAfter
        return Encoding(ids: all, secondStart: typeOneOffset.map { head.count + $0 } ?? all.count)
    }

    /// How many of two lengths are kept when both together must not be more than `room`. Lengths may be told as `room`
    /// when they are more; then Hugging Face may give the odd id to the other text.
    static func share(_ first: Int, _ second: Int, room: Int) -> (Int, Int) {
        guard first + second > room else { return (first, second) }
        let shorter = min(first, second)
        guard shorter * 2 > room else {
            return first < second ? (first, room - first) : (room - second, second)
        }
        // Both are cut to the half; of an odd room the longer text gets the larger half.
        return first > second ? (room - room / 2, room / 2) : (room / 2, room - room / 2)
    }

    private mutating func read(_ processor: PostProcessor) throws {
        func ids(_ pieces: [PostProcessor.Piece]) throws -> [(ids: [Int32], type: Int32, text: String?)] {
            try pieces.map { piece in
                if let text = piece.Sequence { return ([], text.type_id, text.id) }
                guard let special = piece.SpecialToken, let found = processor.special_tokens?[special.id] else {
                    throw unknown
                }
                return (found.ids, special.type_id, nil)
            }
        }
        let single = try ids(processor.single ?? [])
        guard let text = single.firstIndex(where: { $0.text == "A" }) else { throw unknown }
        before = single[..<text].flatMap(\.ids)
        after = single[(text + 1)...].flatMap(\.ids)
        let pair = try ids(processor.pair ?? [])
        guard let first = pair.firstIndex(where: { $0.text == "A" }),
            let second = pair.firstIndex(where: { $0.text == "B" }), first < second
        else { return }
        pairBefore = pair[..<first].flatMap(\.ids)
        pairBetween = pair[(first + 1)..<second].flatMap(\.ids)
        pairAfter = pair[(second + 1)...].flatMap(\.ids)
        let zeros = pair[(first + 1)..<second].filter { $0.type == 0 }.flatMap(\.ids).count
        if pair[second].type == 1 { typeOneOffset = zeros }
    }

    private mutating func readEnds(_ processor: PostProcessor, between: Int, types: Bool) throws {
        guard let cls = processor.cls?.id, let sep = processor.sep?.id else { throw unknown }
        (before, after) = ([cls], [sep])
        (pairBefore, pairBetween, pairAfter) = ([cls], Array(repeating: sep, count: between), [sep])
        if types { typeOneOffset = between }
    }

    private var unknown: TextEmbeddingError {
        .unusable(why: "The post-processor in the model's tokenizer.json is of a kind that is not known here.")
    }
}
