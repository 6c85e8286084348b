import Kernel

/// Why there is no vector or score.
package enum TextEmbeddingError: Failure, Equatable {
    /// The engine failed where the text is not to blame. The text is for the log.
    case failed(String)
    /// OpenVINO's libraries are not there or cannot be opened. The text is for the log.
    case noLibrary(String)
    /// No model of that name.
    case noModel(name: String, kind: ModelKind)
    /// The model gave numbers that are not finite, or all zero.
    case noNumber
    /// A model's folder cannot be used; `why` is a whole sentence for the person who brought it.
    case unusable(why: String)

    package var status: Int { 503 }

    package var code: String {
        switch self {
        case .failed: "embedding_failed"
        case .noLibrary: "embedding_library_missing"
        case .noModel: "embedding_model_missing"
        case .noNumber: "embedding_not_finite"
        case .unusable: "embedding_model_unusable"
        }
    }

    package var message: String {
        switch self {
        case .failed: "The text could not be worked on because of a problem on the server."
        case .noLibrary:
            """
            OpenVINO's libraries are not here, so meanings are not compared. Run script/setup, or set PICTOR_HOME to \
            the folder that holds openvino and models.
            """
        case .noModel(let name, let kind):
            """
            There is no \(kind.rawValue) model named \(name). See pictor model list; script/setup makes minilm, \
            pictor model import brings others.
            """
        case .noNumber: "The model gave no usable numbers for a text."
        case .unusable(let why): why
        }
    }

    /// What is missing stays missing until somebody mends it.
    package var isPermanent: Bool {
        switch self {
        case .failed: false
        case .noLibrary, .noModel, .noNumber, .unusable: true
        }
    }
}
