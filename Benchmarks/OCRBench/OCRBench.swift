import Foundation
import OCR

/// Reads every picture of a folder and prints what it read, for `Benchmarks/bench_ocr.py`: a line of JSON for each
/// with file, words and the CPU seconds of the whole process so far, which is exact with one lane.
///
///     OCRBench FOLDER [recall|layout] [LANES] [LANGUAGES]
@main
struct OCRBench {
    private struct Word: Encodable {
        let text: String
        let confidence: Double
        let pass: String
    }

    private struct Line: Encodable {
        let file: String
        let words: [Word]
    }

    static func main() async throws {
        let arguments = CommandLine.arguments + ["", "", "", ""]
        let folder = arguments[1]
        let mode: OCREngine.Mode = arguments[2] == "layout" ? .layout : .recall
        let lanes = Int(arguments[3]) ?? 1
        let languages = arguments[4].isEmpty ? ["eng"] : arguments[4].split(separator: "+").map(String.init)
        let engine = try OCREngine(languages: languages, width: lanes)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".jpg") }.sorted()
        let encoder = JSONEncoder()
        try await withThrowingTaskGroup(of: Line.self) { group in
            var rest = files[...]
            for file in rest.prefix(2 * lanes) { group.addTask { try await read(file, folder, mode, engine) } }
            rest = rest.dropFirst(2 * lanes)
            while let line = try await group.next() {
                print(String(decoding: try encoder.encode(line), as: UTF8.self))
                guard let file = rest.popFirst() else { continue }
                group.addTask { try await read(file, folder, mode, engine) }
            }
        }
    }

    private static func read(
        _ file: String,
        _ folder: String,
        _ mode: OCREngine.Mode,
        _ engine: OCREngine,
    ) async throws -> Line {
        let bytes = try [UInt8](Data(contentsOf: URL(filePath: "\(folder)/\(file)")))
        let recognition = try await engine.recognize(bytes, mode: mode)
        let words = recognition.words.map { Word(text: $0.text, confidence: $0.confidence, pass: $0.pass) }
        return Line(file: file, words: words)
    }
}
