import FoundationEssentials
import Glibc
import Kernel

/// Makes an OpenVINO model of `tokenizer.json`, with the Python that `script/setup` has put into the home. Special tokens
/// are left out: ``TokenTemplate`` sets them.
private let program = """
    import sys
    from openvino import save_model
    from openvino_tokenizers import convert_tokenizer
    from transformers import PreTrainedTokenizerFast
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=sys.argv[1])
    save_model(convert_tokenizer(tokenizer, add_special_tokens=False), sys.argv[2])
    """

/// Converts the tokenizer of a model that is being imported.
///
/// - Throws: ``TextEmbeddingError/unusable(why:)`` when Python is missing or does not know such a tokenizer.
func convertTokenizer(in folder: String, _ home: ModelHome) throws {
    let python = "\(home.path)/models-venv/bin/python3"
    guard FileManager.default.isExecutableFile(atPath: python) else {
        throw TextEmbeddingError.unusable(
            why: """
                The model's tokenizer is not WordPiece, so it must be converted once, and what does that is not here \
                (models-venv): run script/setup, import the model there, and copy its folder.
                """
        )
    }
    let log = "\(folder)/conversion.log"
    let line = [python, "-c", program, "\(folder)/tokenizer.json", "\(folder)/\(ModelManifest.convertedTokenizer)"]
    let status = try run(line, output: log)
    let said = DownloadedModel.read(log).map { String(decoding: $0, as: UTF8.self) } ?? ""
    guard status == 0 else {
        let reason = said.split(separator: "\n").last ?? "no reason was given"
        throw TextEmbeddingError.unusable(why: "The model's tokenizer could not be converted: \(reason)")
    }
    try FileManager.default.removeItem(atPath: log)
}

/// Runs a program to its end, with both outputs in a file. Blocks the thread.
private func run(_ line: [String], output: String) throws -> Int32 {
    let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
    let log = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    defer { for descriptor in [nothing, log] where descriptor >= 0 { close(descriptor) } }
    guard nothing >= 0, log >= 0 else { throw TextEmbeddingError.failed("\(output) cannot be written") }
    let child: Int32
    do {
        child = try spawnProcess(
            line,
            environment: ["PATH": "/usr/bin:/bin", "HF_HUB_OFFLINE": "1"],
            folder: ".",
            ProcessInheritance(streams: (nothing, log, log)),
        )
    } catch { throw TextEmbeddingError.failed("\(error)") }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return status
}
