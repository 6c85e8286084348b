import FoundationEssentials
import Glibc
import MachineTranslation
import Testing

/// The translator of this machine, with the pairs that `script/setup --test` installs.
func installedTranslator(
    _ limits: ApertiumTranslator.Limits = patientLimits,
    phrases: [PhraseTable] = [],
) throws -> ApertiumTranslator {
    let translator = ApertiumTranslator(phrases: phrases, limits: limits)
    for (pair, package) in [("en-es", "apertium-eng-spa"), ("es-pt", "apertium-es-pt")] {
        try #require(
            translator.pairs.contains { $0.description == pair },
            "Apertium's \(pair) is not here: script/setup --test, or apt-get install \(package)",
        )
    }
    return translator
}

/// Tests share the machine with others: what is not about deadlines has none that counts.
let patientLimits: ApertiumTranslator.Limits = {
    var limits = ApertiumTranslator.Limits()
    limits.answerTime = .seconds(60)
    limits.startTime = .seconds(120)
    return limits
}()

/// Whether a process runs: one that is gone, or that is dead and waits to be noticed, does not.
func isRunning(_ process: Int32) -> Bool {
    guard let status = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return false }
    let fields = String(decoding: status, as: UTF8.self).split(separator: ")").last?.split(separator: " ")
    return fields?.first != "Z" && fields?.first != "X"
}

/// Returns when none of the processes runs any more; the test's time limit ends the wait.
func untilGone(_ processes: [Int32]) async {
    while processes.contains(where: isRunning), !Task.isCancelled { await Task.yield() }
}
