import Glibc

/// What `script/bench search` runs of the product.
///
///     SearchBench read FOLDER CACHE      reads the pictures of a folder, those not in the cache already
///     SearchBench latency COUNT QUERIES  times the lexical index on texts made up
@main
struct SearchBench {
    static func main() async throws {
        let words = CommandLine.arguments
        switch (words.dropFirst().first, words.count) {
        case ("read", 4): try await PictureReading(folder: words[2], cache: words[3]).run()
        default:
            print("usage: SearchBench read FOLDER CACHE")
            exit(64)
        }
    }
}
