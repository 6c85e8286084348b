import Kernel
import Testing

@testable import Imaging

/// Thousands of broken files, the same ones in every run: each is refused with a reason or decoded, and nothing else
/// happens.
@Suite struct MutationTests {
    private static let names = [
        "progressive.jpg", "cmyk.jpg", "orientation-6.jpg", "metadata.jpg", "display-p3.jpg", "interlaced.png",
        "metadata.png", "palette-alpha.png", "grey16.png", "rgba.png", "lossy.webp", "lossless.webp", "metadata.webp",
        "animated.webp", "animated.gif",
    ]

    @Test("headers of broken files", arguments: names)
    func headers(name: String) throws {
        let bytes = try fixture(name)
        var chance = SplitMix(state: 1)
        var refused = 0
        for _ in 0..<1_000 {
            let broken = mutated(bytes, by: &chance)
            do { _ = try ImageLimits().inspect(broken) } catch { refused += 1 }
        }
        #expect(refused > 20 && refused < 1_000, "\(refused) of 1,000 were refused")
    }

    @Test("pixels of broken files", arguments: names)
    func variants(name: String) throws {
        var maker = VariantMaker(sizes: [
            VariantSize("small", longestSide: 24), VariantSize("large", longestSide: 48),
        ])
        maker.limits.pixels = 100_000
        maker.webP = .equalEffort(0)
        let bytes = try fixture(name)
        var chance = SplitMix(state: 2)
        var made = 0
        for _ in 0..<150 {
            let broken = mutated(bytes, by: &chance)
            do {
                let result = try Made(broken, by: maker)
                #expect(result.variants.count == 2)
                made += 1
            } catch is ImagingError {}
        }
        #expect(made < 150, "no mutation was noticed")
    }

    @Test(
        "broken files that become PNG",
        arguments: ["rgb.bmp", "palette-8.bmp", "alpha-top-down.bmp", "lzw.tiff", "palette.tiff", "fax.tiff"],
    )
    func conversions(name: String) throws {
        var limits = ImageLimits()
        limits.pixels = 100_000
        let bytes = try fixture(name)
        var chance = SplitMix(state: 3)
        var refused = 0
        for _ in 0..<500 {
            let broken = mutated(bytes, by: &chance)
            do { _ = try PictureConversion.png(from: broken, limits: limits) } catch { refused += 1 }
        }
        #expect(refused > 20 && refused < 500, "\(refused) of 500 were refused")
    }

    /// Their headers alone: what they let through, a process decodes that may break.
    @Test("broken files of phones", arguments: ["phone.heic", "phone.avif", "animated.avif", "on-its-side.avif"])
    func phones(name: String) throws {
        let bytes = try fixture(name)
        var chance = SplitMix(state: 3)
        var refused = 0
        for _ in 0..<1_000 {
            // Boxes and their lengths stand in the first 700 bytes.
            let broken = mutated(Array(bytes.prefix(700)), by: &chance) + bytes.dropFirst(700)
            do { _ = try PictureConversion.header(of: broken, limits: ImageLimits()) } catch { refused += 1 }
        }
        #expect(refused > 200 && refused < 1_000, "\(refused) of 1,000 were refused")
    }

    /// A few bytes changed, or a piece removed, repeated or moved to the front.
    private func mutated(_ bytes: [UInt8], by chance: inout SplitMix) -> [UInt8] {
        var result = bytes
        // Most formats keep what decides at the beginning.
        let reach = Bool.random(using: &chance) ? min(80, bytes.count) : bytes.count
        for _ in 0..<Int.random(in: 1...4, using: &chance) {
            let start = Int.random(in: 0..<min(reach, result.count), using: &chance)
            let end = min(result.count, start + Int.random(in: 1...16, using: &chance))
            switch Int.random(in: 0..<6, using: &chance) {
            case 0: result[start] = [0, 1, 0x7F, 0x80, 0xFF][Int.random(in: 0..<5, using: &chance)]
            case 1: result[start] ^= 1 << UInt8.random(in: 0..<8, using: &chance)
            case 2: result.removeSubrange(start..<end)
            case 3: result.insert(contentsOf: result[start..<end], at: start)
            case 4: for index in start..<end { result[index] = .random(in: 0...255, using: &chance) }
            default: result.removeSubrange(max(end, result.count / 2)...)
            }
            if result.isEmpty { return bytes }
        }
        return result
    }
}
