import FoundationEssentials
import Kernel
import MachineTranslation

/// Translates the lines of standard input, as `bench_translator.py` asks.
///
///     TranslatorBench texts FROM TO           prints each translation as JSON
///     TranslatorBench latency FROM TO         prints the seconds of each line, one after another on a warm pipe
///     TranslatorBench stream FROM TO CALLS    prints the seconds of all lines, in so many calls at once
@main enum TranslatorBench {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 4 else {
            print("usage: TranslatorBench texts|latency|stream FROM TO [CALLS]")
            return
        }
        var lines: [String] = []
        while let line = readLine() { lines.append(line) }
        let run = BenchRun(lines: lines, from: arguments[2], to: arguments[3])
        switch arguments[1] {
        case "texts": try await run.texts()
        case "latency": try await run.latency()
        default: try await run.stream(calls: arguments.count > 4 ? Int(arguments[4]) ?? 1 : 1)
        }
    }
}

/// One run over the lines.
private struct BenchRun {
    let lines: [String]
    let from: String
    let to: String
    let translator = ApertiumTranslator()

    func texts() async throws {
        let encoder = JSONEncoder()
        for translation in try await translator.translate(lines, from: from, to: to) {
            print(String(decoding: try encoder.encode(translation), as: UTF8.self))
        }
    }

    func latency() async throws {
        _ = try await translator.translate(lines.suffix(10), from: from, to: to)
        for line in lines {
            let start = ContinuousClock.now
            _ = try await translator.translate([line], from: from, to: to)
            print((ContinuousClock.now - start) / .seconds(1))
        }
    }

    func stream(calls: Int) async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<calls { group.addTask { _ = try await translator.translate(["."], from: from, to: to) } }
            try await group.waitForAll()
        }
        let start = ContinuousClock.now
        let share = (lines.count + calls - 1) / calls
        try await withThrowingTaskGroup { group in
            for call in 0..<calls {
                let part = Array(lines.dropFirst(call * share).prefix(share))
                group.addTask { _ = try await translator.translate(part, from: from, to: to) }
            }
            try await group.waitForAll()
        }
        print((ContinuousClock.now - start) / .seconds(1))
    }
}
