import FoundationEssentials
import Kernel
import Testing

@testable import OCR

/// Tesseract shares the work of a line among four threads of OpenMP unless it is kept from it.
@Suite(.timeLimit(.minutes(5))) struct ThreadTests {
    /// In a process of its own, where nothing else starts threads. Those of OpenMP inherit the name of their lane.
    @Test func aLaneIsOneThreadWhateverTheEnvironmentSays() async throws {
        let bytes = try await Pictures.drawn.value.bytes("upright.jpg")
        await #expect(processExitsWith: .success) { [bytes = bytes as [UInt8]] in
            let engine = try OCREngine(width: 1)
            let words = try await engine.recognize(bytes, mode: .recall).words
            let lanes = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
                .compactMap {
                    String(bytes: try Data(contentsOf: URL(filePath: "/proc/self/task/\($0)/comm")), encoding: .utf8)
                }
                .filter { $0.hasPrefix("ocr-") }
            precondition(!words.isEmpty && lanes.count == 1, "\(words.count) words by \(lanes)")
        }
    }
}
