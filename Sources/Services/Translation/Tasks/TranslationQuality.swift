import Kernel
import Lettering

/// How good a translated picture is, as far as the service can tell by itself. What cannot be told is `nil`.
package struct TranslationQuality: Sendable, Hashable {
    /// How sure the reader was of the source, the mean of all blocks, 0...1.
    package let reading: Double?
    /// How sure the translator was, the mean of the blocks of which it says so, 0...1.
    package let translation: Double?
    /// The share of the source's letters that can still be read on the finished picture, 0...1.
    package let residual: Double?
    /// Wrong letters in what is read of the new words, as a share of those letters; above 1 where more was read.
    package let readbackErrors: Double?
    /// Blocks whose words did not fit.
    package let overflow: Int

    /// Blocks that keep their own words do not count.
    package init(_ blocks: [TranslatedBlock]) {
        let drawn = blocks.filter { !$0.isSkipped }
        let checks = drawn.compactMap(\.check)
        reading = Self.mean(drawn.map(\.confidence))
        translation = Self.mean(drawn.compactMap(\.translationConfidence))
        residual = Self.share(checks.map { ($0.residue, $0.sourceLetters) })
        readbackErrors = Self.share(checks.map { ($0.errors, $0.letters) })
        overflow = drawn.count { $0.flags.contains("overflow") }
    }

    /// As results tell it.
    package var json: JSON {
        [
            "ocr_conf": rounded(reading), "mt_conf": rounded(translation), "residual": rounded(residual),
            "readback_cer": rounded(readbackErrors), "overflow": JSON(overflow),
        ]
    }

    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    private static func share(_ parts: [(part: Int, whole: Int)]) -> Double? {
        let whole = parts.reduce(0) { $0 + $1.whole }
        return whole == 0 ? nil : Double(parts.reduce(0) { $0 + $1.part }) / Double(whole)
    }

    private func rounded(_ value: Double?) -> JSON { JSON(value.map { ($0 * 1000).rounded() / 1000 }) }
}
