import FoundationEssentials
import Imaging
import Kernel
import OCR

/// Reads every picture of a folder as the product does. A picture takes seconds, so what was read is kept by the digest
/// of its bytes; a cache holds nothing that a run without it would not find.
struct PictureReading {
    /// Changes when the passes do.
    private static let version = "4"

    let folder: String
    let cache: String

    /// Writes `read.jsonl` into the folder: for each picture `file`, `text` (all readings), `caption` (the surest) and
    /// `hash` (perceptual, hexadecimal).
    func run() async throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".jpg") }.sorted()
        try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
        let languages = ["eng", "chi_sim"].filter(OCREngine.installedLanguages().contains)
        var limits = OCREngine.Limits()
        limits.time = .seconds(600)  // a figure of quality must not depend on who else uses the machine
        let engine = try OCREngine(languages: languages, width: 2, limits: limits)
        var lines = [JSON](repeating: nil, count: files.count)
        try await withThrowingTaskGroup(of: (Int, JSON).self) { group in
            for (place, file) in files.enumerated() {
                if place >= 4, let (done, line) = try await group.next() { lines[done] = line }
                group.addTask { (place, try await reading(of: file, engine, languages)) }
                if place % 50 == 0 { print("read \(place) of \(files.count)") }
            }
            for try await (done, line) in group { lines[done] = line }
        }
        let text = lines.map { $0.text + "\n" }.joined()
        try text.write(toFile: "\(folder)/read.jsonl", atomically: true, encoding: .utf8)
    }

    private func reading(of file: String, _ engine: OCREngine, _ languages: [String]) async throws -> JSON {
        let picture = try bytes(of: "\(folder)/\(file)")
        let name =
            Digest.sha256(picture).hexadecimal.prefix(32) + "-\(Self.version)-" + languages.joined(separator: "+")
        let kept = "\(cache)/\(name).json"
        if FileManager.default.fileExists(atPath: kept) {
            return try JSON(parsing: bytes(of: kept)).merging(["file": JSON(file)])
        }
        let start = ContinuousClock.now
        let recognition = try await engine.recognize(picture, mode: .recall)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let facts = try VariantMaker(sizes: [VariantSize("hash", longestSide: 64)]).make(from: picture) { _ in }
        let words = recognition.words.map { word -> JSON in
            ["text": JSON(word.text), "pass": JSON(word.pass), "confidence": JSON(word.confidence)]
        }
        let line: JSON = [
            "text": JSON(recognition.text), "caption": JSON(recognition.singleText),
            "hash": JSON(String(facts.perceptualHash, radix: 16)), "words": JSON(words), "seconds": JSON(seconds),
        ]
        try line.text.write(toFile: kept, atomically: true, encoding: .utf8)
        return line.merging(["file": JSON(file)])
    }

    private func bytes(of path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path)))
    }
}
