import Glibc

/// What `script/bench search` runs of the product.
///
///     SearchBench read FOLDER CACHE               reads the pictures of a folder, those not in the cache already
///     SearchBench latency COUNT QUERIES           times the lexical index and SQLite on texts made up
///     SearchBench rank DOCUMENTS QUERIES RESULTS  answers queries about documents
@main
struct SearchBench {
    static func main() async throws {
        let words = CommandLine.arguments
        switch (words.dropFirst().first, words.count) {
        case ("read", 4): try await PictureReading(folder: words[2], cache: words[3]).run()
        case ("rank", 5): try await QueryRun(documents: words[2], queries: words[3], results: words[4]).run()
        case ("latency", 4): try Latency(count: Int(words[2]) ?? 100_000, queries: Int(words[3]) ?? 500).run()
        default:
            print("usage: SearchBench read FOLDER CACHE | latency COUNT QUERIES | rank DOCUMENTS QUERIES RESULTS")
            exit(64)
        }
    }
}
