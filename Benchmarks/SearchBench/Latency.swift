import FoundationEssentials
import Glibc
import Kernel
import MemeSearch

/// Times the lexical search beside SQLite's full-text tables, on the same texts and queries, in turns.
struct Latency {
    let count: Int
    let queries: Int

    func run() throws {
        var texts = Texts(seed: 11)
        let captions = (0..<count).map { _ in texts.caption() }
        let asked = (0..<queries).map { place in texts.query(of: captions[place * 7919 % count]) }
        let before = try memory()
        let index = LexicalIndex()
        let building = stopwatch {
            for (number, caption) in captions.enumerated() {
                var document = SearchDocument(number: UInt32(number))
                document.text = caption
                index.upsert(document)
            }
        }
        let after = try memory()
        let words = FullTextTable(tokenizer: "porter unicode61")
        words.fill(captions)
        let trigrams = FullTextTable(tokenizer: "trigram")
        trigrams.fill(captions)
        let rare = Rarity(captions)
        let contenders: [(name: String, search: (String) -> Int)] = [
            ("lexical search", { search($0, in: index, completes: false) }),
            ("lexical search, last word unfinished", { search($0, in: index, completes: true) }),
            ("FTS5 porter, bm25", { words.search($0.split(separator: " ").map(String.init)).count }),
            ("FTS5 trigram, bm25, all", { trigrams.search(Rarity.trigrams($0)).count }),
            ("FTS5 trigram, bm25, rarest 12", { trigrams.search(rare.rarest(12, of: $0)).count }),
        ]
        var times = [[Duration]](repeating: [], count: contenders.count)
        var cpu = [Duration](repeating: .zero, count: contenders.count)
        for query in asked {
            for (place, contender) in contenders.enumerated() {
                let start = cpuTime()
                times[place].append(stopwatch { _ = contender.search(query) })
                cpu[place] += cpuTime() - start
            }
        }
        let rows = zip(contenders, zip(times, cpu)).map { contender, measured -> JSON in
            let sorted = measured.0.sorted()
            return [
                "name": JSON(contender.name), "p50_ms": JSON(milliseconds(sorted[sorted.count / 2])),
                "p95_ms": JSON(milliseconds(sorted[sorted.count * 95 / 100])),
                "cpu_ms": JSON(milliseconds(measured.1) / Double(sorted.count)),
            ]
        }
        let result: JSON = [
            "documents": JSON(count), "queries": JSON(queries), "build_s": JSON(building / .seconds(1)),
            "memory_mb": JSON(Double(after - before) / 1e6), "contenders": JSON(rows),
        ]
        print(result.text)
    }
}

private func search(_ query: String, in index: LexicalIndex, completes: Bool) -> Int {
    var request = SearchRequest(SearchQuery(query))
    request.count = 100
    request.completesLastWord = completes
    request.cutOff = .none
    return MemeSearcher(index).search(request).hits.count
}

/// How many documents hold each trigram, for FTS5, which does not choose.
private struct Rarity {
    private var frequencies: [String: Int] = [:]

    init(_ texts: [String]) {
        for text in texts { for gram in Set(Self.trigrams(text)) { frequencies[gram, default: 0] += 1 } }
    }

    func rarest(_ count: Int, of query: String) -> [String] {
        let known = Set(Self.trigrams(query)).filter { frequencies[$0] != nil }
        return Array(known.sorted { (frequencies[$0] ?? 0, $0) < (frequencies[$1] ?? 0, $1) }.prefix(count))
    }

    static func trigrams(_ text: String) -> [String] {
        let letters = Array(text)
        return letters.count < 3 ? [] : (0...(letters.count - 3)).map { String(letters[$0..<$0 + 3]) }
    }
}

private func stopwatch(_ body: () -> Void) -> Duration { ContinuousClock().measure(body) }

private func milliseconds(_ duration: Duration) -> Double { duration / .milliseconds(1) }

private func cpuTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

/// Resident bytes of this process.
private func memory() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    return (Int(text.split(separator: " ")[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE))
}
