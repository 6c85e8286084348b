internal import COpenVINO

/// A model, ready to run; it makes the requests that do.
///
/// Sendable because compiled models are made for use by several threads; the pointer never changes.
final class CompiledModel: @unchecked Sendable {
    let library: OpenVINO
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer, _ library: OpenVINO) {
        self.pointer = pointer
        self.library = library
    }

    deinit { library.call.compiled_model_free(pointer) }

    /// The names of the inputs, in the model's order.
    func inputNames() throws -> [String] {
        var count = 0
        try library.check(library.call.compiled_model_inputs_size(pointer, &count))
        return try (0..<count).map { index in
            try name { library.call.compiled_model_input_by_index(pointer, index, &$0) }
        }
    }

    /// The names of the outputs, in the model's order.
    func outputNames() throws -> [String] {
        var count = 0
        try library.check(library.call.compiled_model_outputs_size(pointer, &count))
        return try (0..<count).map { index in
            try name { library.call.compiled_model_output_by_index(pointer, index, &$0) }
        }
    }

    /// A property of the plugin as text, such as `INFERENCE_PRECISION_HINT`.
    func property(_ key: String) throws -> String {
        var text: UnsafeMutablePointer<CChar>?
        try library.check(library.call.compiled_model_get_property(pointer, key, &text))
        guard let text else { return "" }
        defer { library.call.free(text) }
        return String(cString: text)
    }

    func request() throws -> InferRequest {
        var request: OpaquePointer?
        try library.check(library.call.compiled_model_create_infer_request(pointer, &request))
        guard let request else { throw TextEmbeddingError.failed("no request") }
        return InferRequest(request, self)
    }

    private func name(_ find: (inout OpaquePointer?) -> Int32) throws -> String {
        var port: OpaquePointer?
        try library.check(find(&port))
        defer { library.call.output_const_port_free(port) }
        var text: UnsafeMutablePointer<CChar>?
        // A port may have no name.
        guard library.call.port_get_any_name(port, &text) == 0, let text else { return "" }
        defer { library.call.free(text) }
        return String(cString: text)
    }
}
