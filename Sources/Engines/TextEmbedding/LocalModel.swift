import Kernel

/// How exactly a model calculates.
package enum Precision: String, Sendable, CaseIterable {
    /// bf16 where the CPU has it, else f32.
    case auto
    /// Half the time of f32; vectors differ by a cosine of about 0.9997.
    case bf16
    /// The reference.
    case f32
}

/// A model of this machine, ready to run: what embedders and rerankers share.
final class LocalModel: Sendable {
    let folder: ModelFolder
    /// Never ``Precision/auto``.
    let precision: Precision
    /// For much work.
    let bulk: RequestPool
    /// For questions that somebody waits for: one thread of its own, so that they never stand behind bulk.
    let quick: RequestPool
    private let compiled: CompiledModel
    private let inputs: [String]
    private let template: TokenTemplate
    private let tokenizer: any Tokenizer

    var manifest: ModelManifest { folder.manifest }

    /// Loads the model; takes tenths of a second for small ones.
    ///
    /// `libraries`: The folder with OpenVINO's libraries.
    /// `lanes`: Threads for much work, at least 1.
    init(_ folder: ModelFolder, libraries: String, precision: Precision, lanes: Int) throws {
        let library = try OpenVINO.open(libraries)
        self.folder = folder
        self.precision = precision == .auto ? (library.multipliesBF16 ? .bf16 : .f32) : precision
        let file = try folder.bytes(of: "tokenizer.json")
        let description = try TokenizerFile(file)
        template = try TokenTemplate(description.post_processor)
        tokenizer =
            switch folder.manifest.tokenizer {
            case .wordPiece: try WordPiece(file, description)
            case .openVINO: try OpenVINOTokenizer(folder.path(of: ModelManifest.convertedTokenizer), library)
            }
        compiled = try library.compile(
            folder.path(of: folder.manifest.model),
            [
                // A stream is a thread of its own; the last is for questions.
                "NUM_STREAMS": String(lanes + 1),
                "INFERENCE_NUM_THREADS": String(lanes + 1),
                "INFERENCE_PRECISION_HINT": self.precision.rawValue,
                // Other work has a right to the cores too.
                "ENABLE_CPU_PINNING": "NO",
            ],
        )
        inputs = try compiled.inputNames()
        if let stranger = inputs.first(where: { !Self.knownInputs.contains($0) }) {
            throw TextEmbeddingError.unusable(
                why: "The model wants an input named \(stranger), which is not known here."
            )
        }
        bulk = try RequestPool(compiled, name: "embed", width: lanes)
        quick = try RequestPool(compiled, name: "embed-query", width: 1)
    }

    private static let knownInputs = ["input_ids", "attention_mask", "token_type_ids"]

    /// What OpenVINO says it calculates with.
    var actualPrecision: String { (try? compiled.property("INFERENCE_PRECISION_HINT")) ?? "" }

    /// The names of what the model gives.
    func outputNames() throws -> [String] { try compiled.outputNames() }

    /// Cuts texts into what the model reads.
    func encode(_ texts: [String]) throws -> [Encoding] {
        let limit = manifest.maxTokens
        return try tokenizer.encode(texts, limit: template.room(in: limit)).map { template.single($0, limit: limit) }
    }

    /// The same for a query with each of the documents.
    func encode(query: String, documents: [String]) throws -> [Encoding] {
        let limit = manifest.maxTokens
        let room = template.pairRoom(in: limit)
        let first = try tokenizer.encode([query], limit: room).first ?? []
        return try tokenizer.encode(documents, limit: room).map { template.pair(first, $0, limit: limit) }
    }

    /// What the model gives for a batch, at the output that its manifest names unless told otherwise.
    func run(_ batch: TokenBatch, _ request: InferRequest, output: Int? = nil) throws -> Output<Float> {
        let tables = batch.tables(inputs, padding: manifest.padding)
        try request.run(inputs, tables, rows: batch.rows, columns: batch.columns)
        return try request.numbers(at: output ?? manifest.output)
    }
}
