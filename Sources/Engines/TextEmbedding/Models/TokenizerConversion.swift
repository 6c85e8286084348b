import FoundationEssentials
import Glibc

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
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    let arguments = texts(line)
    let environment = texts(["PATH=/usr/bin:/bin", "HF_HUB_OFFLINE=1"])
    defer { for text in arguments + environment { free(text) } }
    var child: pid_t = 0
    guard posix_spawn(&child, line[0], &actions, nil, arguments, environment) == 0 else {
        throw TextEmbeddingError.failed("\(line[0]) does not start")
    }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return status
}

/// C's form of a list: copies, with a null at its end.
private func texts(_ list: [String]) -> [UnsafeMutablePointer<CChar>?] { list.map { strdup($0) } + [nil] }
