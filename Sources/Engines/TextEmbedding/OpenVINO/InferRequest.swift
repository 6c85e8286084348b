internal import COpenVINO
import Glibc

/// Numbers that a model gave, with the lengths of their dimensions.
struct Output<Element: Sendable>: Sendable {
    let values: [Element]
    let shape: [Int]
}

/// Runs a model, once after the other.
///
/// Sendable so that it can wait for its next thread; ``RequestPool`` gives it to one thread at a time.
final class InferRequest: @unchecked Sendable {
    private let model: CompiledModel
    private let pointer: OpaquePointer
    private var library: OpenVINO { model.library }

    init(_ pointer: OpaquePointer, _ model: CompiledModel) {
        self.pointer = pointer
        self.model = model
    }

    deinit { library.call.infer_request_free(pointer) }

    /// Runs the model on tables of whole numbers.
    ///
    /// `names`: The inputs.
    /// `values`: One table after the other in the order of `names`, each of `rows` times `columns`.
    func run(_ names: [String], _ values: [Int64], rows: Int, columns: Int) throws {
        var values = values
        precondition(values.count == names.count * rows * columns)
        // A tensor does not own its numbers: they are held while the model runs.
        try values.withUnsafeMutableBufferPointer { values in
            for (index, name) in names.enumerated() {
                let table = values.baseAddress.map { $0 + index * rows * columns }
                try set([Int64(rows), Int64(columns)]) { shape, tensor in
                    library.call.tensor_create_from_host_ptr(Int32(openvino_i64.rawValue), shape, table, &tensor)
                } as: {
                    library.call.infer_request_set_tensor(pointer, name, $0)
                }
            }
            try library.check(library.call.infer_request_infer(pointer))
        }
    }

    /// Runs a tokenizer's model on texts without NUL, at which C would end them.
    func run(texts: [String]) throws {
        var copies = texts.map { UnsafePointer(strdup($0)) }
        defer { for copy in copies { free(UnsafeMutablePointer(mutating: copy)) } }
        try set([Int64(texts.count)]) { shape, tensor in
            library.call.tensor_create_from_string_array(&copies, texts.count, shape, &tensor)
        } as: {
            library.call.infer_request_set_input_tensor_by_index(pointer, 0, $0)
        }
        try library.check(library.call.infer_request_infer(pointer))
    }

    /// What the last run gave at an output of 32-bit numbers.
    func numbers(at index: Int) throws -> Output<Float> { try output(index, openvino_f32) }

    /// What the last run gave at an output of 64-bit whole numbers.
    func integers(at index: Int) throws -> Output<Int64> { try output(index, openvino_i64) }

    private func set(
        _ dimensions: [Int64],
        _ create: (openvino_shape, inout OpaquePointer?) -> Int32,
        as assign: (OpaquePointer) -> Int32,
    ) throws {
        var dimensions = dimensions
        var tensor: OpaquePointer?
        let status = dimensions.withUnsafeMutableBufferPointer {
            create(openvino_shape(rank: Int64($0.count), dimensions: $0.baseAddress), &tensor)
        }
        try library.check(status)
        guard let tensor else { throw TextEmbeddingError.failed("no tensor") }
        defer { library.call.tensor_free(tensor) }
        try library.check(assign(tensor))
    }

    private func output<Element>(_ index: Int, _ type: openvino_element) throws -> Output<Element> {
        var tensor: OpaquePointer?
        try library.check(library.call.infer_request_get_output_tensor_by_index(pointer, index, &tensor))
        defer { library.call.tensor_free(tensor) }
        var found: Int32 = 0
        try library.check(library.call.tensor_get_element_type(tensor, &found))
        guard found == Int32(type.rawValue) else {
            throw TextEmbeddingError.failed("output \(index) is of type \(found), not \(type.rawValue)")
        }
        var shape = openvino_shape()
        try library.check(library.call.tensor_get_shape(tensor, &shape))
        defer { _ = library.call.shape_free(&shape) }
        let lengths = UnsafeBufferPointer(start: shape.dimensions, count: Int(shape.rank)).map { Int($0) }
        let count = lengths.reduce(1, *)
        var data: UnsafeMutableRawPointer?
        try library.check(library.call.tensor_data(tensor, &data))
        let start = data?.bindMemory(to: Element.self, capacity: count)
        return Output(values: Array(UnsafeBufferPointer(start: start, count: count)), shape: lengths)
    }
}
