import FoundationEssentials
import Glibc
import Kernel
import TextEmbedding

/// Texts to vectors, for `script/bench embedding`.
///
/// `EmbeddingBench PRECISION LANES FILE`: reads texts, one a line, and embeds them with MiniLM: all at once for each line
/// `bulk` on standard input, one after the other for each line `query`. Prints `ready`, then one line of JSON for each.
@main
struct EmbeddingBench {
    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 4, let precision = Precision(rawValue: words[1]), let lanes = Int(words[2]) else {
            print("usage: EmbeddingBench PRECISION LANES FILE")
            exit(64)
        }
        let text = String(decoding: try Data(contentsOf: URL(filePath: words[3])), as: UTF8.self)
        let texts = text.split(separator: "\n").map(String.init)
        let embedder = try LocalEmbedder(home: .find(), model: "minilm", precision: precision, lanes: lanes)
        // Once for each shape: OpenVINO compiles the model for it.
        _ = try await embedder.embed(texts, as: .document)
        for text in texts { _ = try await embedder.embed([text], as: .query) }
        tell("ready")
        while let pass = readLine() {
            let (cpu, start) = (cpuSeconds(), ContinuousClock.now)
            if pass == "bulk" {
                _ = try await embedder.embed(texts, as: .document)
            } else {
                for text in texts { _ = try await embedder.embed([text], as: .query) }
            }
            tell("{\"cpu_s\":\(cpuSeconds() - cpu),\"wall_s\":\((ContinuousClock.now - start) / .seconds(1))}")
        }
    }

    private static func tell(_ line: String) {
        print(line)
        fflush(nil)
    }

    /// User and system time of the whole process.
    private static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(0, &usage)  // RUSAGE_SELF, an enum that the function does not take
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
