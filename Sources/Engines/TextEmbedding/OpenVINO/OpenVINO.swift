internal import COpenVINO
import Glibc
import Synchronization

/// OpenVINO's runtime: found and opened when it is first asked for, once per process and folder.
///
/// Sendable because OpenVINO's core is made for use by several threads, and the table never changes.
final class OpenVINO: @unchecked Sendable {
    private static let opened = Mutex<[String: OpenVINO]>([:])

    let call: openvino_functions
    private let core: OpaquePointer
    private let folder: String
    private let tokenizers = Mutex(false)

    /// `folder`: Where `libopenvino_c.so` stands; its other libraries stand beside it.
    /// Throws ``TextEmbeddingError/noLibrary(_:)``.
    static func open(_ folder: String) throws -> OpenVINO {
        try opened.withLock { opened in
            if let library = opened[folder] { return library }
            let library = try OpenVINO(folder)
            opened[folder] = library
            return library
        }
    }

    private init(_ folder: String) throws {
        var functions = openvino_functions()
        if let missing = openvino_open("\(folder)/libopenvino_c.so", &functions) {
            throw TextEmbeddingError.noLibrary(String(cString: missing))
        }
        var core: OpaquePointer?
        guard functions.core_create(&core) == 0, let core else {
            throw TextEmbeddingError.noLibrary("OpenVINO does not start")
        }
        self.core = core
        self.folder = folder
        call = functions
    }

    deinit { call.core_free(core) }

    /// Whether the CPU multiplies bfloat16, which halves the time at a cosine of 0.9997 to the exact vector.
    var multipliesBF16: Bool {
        var text: UnsafeMutablePointer<CChar>?
        guard call.core_get_property(core, "CPU", "OPTIMIZATION_CAPABILITIES", &text) == 0, let text else {
            return false
        }
        defer { call.free(text) }
        return String(cString: text).contains("BF16")
    }

    /// Lets models with the operations of openvino-tokenizers be compiled.
    func loadTokenizers() throws {
        try tokenizers.withLock { isLoaded in
            guard !isLoaded else { return }
            try check(call.core_add_extension(core, "\(folder)/libopenvino_tokenizers.so"))
            isLoaded = true
        }
    }

    /// Reads a model (`.xml` or `.onnx`) and compiles it for the CPU. Takes from tenths of a second to seconds.
    func compile(_ path: String, _ properties: [String: String]) throws -> CompiledModel {
        let texts = properties.map { (strdup($0.key), strdup($0.value)) }
        defer {
            for (key, value) in texts {
                free(key)
                free(value)
            }
        }
        let list = texts.map { openvino_property(key: $0.0, value: $0.1) }
        var model: OpaquePointer?
        try check(call.core_compile_model_from_file_props(core, path, "CPU", list.count, list, &model))
        guard let model else { throw TextEmbeddingError.failed("no model") }
        return CompiledModel(model, self)
    }

    /// - Throws: ``TextEmbeddingError/failed(_:)`` with the library's text when `status` is not 0.
    func check(_ status: Int32) throws {
        guard status != 0 else { return }
        let text = call.get_last_err_msg().map { String(cString: $0) } ?? ""
        throw TextEmbeddingError.failed("OpenVINO status \(status): \(text)")
    }
}
