import FoundationEssentials
import Glibc
import Imaging
import OCR
import TestSupport
import Testing

@testable import Lettering

/// What `pictures.py` drew, once for all tests.
struct Pictures: Sendable {
    private let folder: TemporaryFolder

    static let drawn = Task { try await Pictures() }

    private init() async throws {
        folder = try TemporaryFolder()
        let process = try ChildProcess(
            [repositoryRoot + "/.pictor/venv/bin/python3", "-B", "Tests/LetteringTests/pictures.py", folder.path],
            environment: ["PATH": "/usr/bin:/bin"],
            folder: repositoryRoot,
        )
        let code = await process.exitCode()
        try #require(code == 0, "\(process.output)\nIs script/setup --test done?")
    }

    static func bytes(_ name: String) async throws -> [UInt8] {
        let folder = try await drawn.value.folder.path
        return [UInt8](try Data(contentsOf: URL(filePath: "\(folder)/\(name)")))
    }

    static func bitmap(_ name: String) async throws -> Bitmap {
        try Bitmap.decode(await bytes(name), before: Deadline(after: .seconds(60)))
    }
}

/// One engine for all tests: its reader loads 15 MB of models.
let lettering = Task { Lettering(ocr: try OCREngine()) }

/// A picture of `pictures.py` and what was found in it.
func page(_ name: String) async throws -> Page {
    try await lettering.value.blocks(of: Pictures.bytes("\(name).png"))
}

/// The picture after its blocks were replaced by a text in each.
func replaced(_ page: Page, by texts: [String], language: String? = nil) async throws -> LetteredPicture {
    let clean = try await lettering.value.erase(page.blocks, from: page.picture)
    let items = zip(page.blocks, texts).map { BlockText(block: $0, text: $1, language: language) }
    return try await lettering.value.set(items, on: clean)
}

/// In dB, over the pixels that a mask marks; infinite when they are equal.
func peakRatio(_ one: Bitmap, _ other: Bitmap, in mask: Bitmap) -> Double {
    var (sum, count) = (0.0, 0.0)
    for at in mask.pixels.indices where mask.pixels[at] != 0 {
        for band in at * one.bands..<(at + 1) * one.bands {
            let difference = Double(one.pixels[band]) - Double(other.pixels[band])
            sum += difference * difference
            count += 1
        }
    }
    return sum == 0 ? .infinity : 10 * log10(255 * 255 * count / sum)
}

/// Places of pixels that differ.
func differences(_ one: Bitmap, _ other: Bitmap) -> [TextPoint] {
    (0..<one.size.pixels).filter { at in
        one.pixels[at * one.bands..<(at + 1) * one.bands] != other.pixels[at * one.bands..<(at + 1) * one.bands]
    }
    .map { TextPoint(x: Double($0 % one.size.width) + 0.5, y: Double($0 / one.size.width) + 0.5) }
}
