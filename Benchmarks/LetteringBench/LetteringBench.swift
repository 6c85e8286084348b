import Foundation
import Imaging
import Lettering
import OCR

/// What a picture's line in `truth.jsonl` says, as far as it is needed here.
private struct Picture: Decodable {
    struct Block: Decodable {
        var box: [Int]
        var other: String
    }
    var file: String
    var blocks: [Block]
}

/// What was made of a picture; a line of the output.
private struct Made: Encodable {
    var file: String
    var blocks: [TextBlock]
    var texts: [String]
    var outcomes: [BlockOutcome]
    /// CPU of the process by step: read, erase, set.
    var seconds: [Double]
}

/// `LetteringBench FOLDER`: finds the text of each picture of `FOLDER/truth.jsonl`, one after another, erases it and
/// sets the other text that the truth names for its place. Leaves `FOLDER/clean/NAME.png` and
/// `FOLDER/lettered/NAME.png`; one line of JSON a picture says what was found.
@main
struct LetteringBench {
    static func main() async throws {
        let folder = CommandLine.arguments[1]
        let truth = try String(contentsOfFile: "\(folder)/truth.jsonl", encoding: .utf8)
        let lettering = Lettering(ocr: try OCREngine())
        for name in ["clean", "lettered"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        for line in truth.split(separator: "\n") {
            let picture = try JSONDecoder().decode(Picture.self, from: Data(line.utf8))
            print(
                String(decoding: try JSONEncoder().encode(try await made(picture, folder, lettering)), as: UTF8.self)
            )
        }
    }

    private static func made(_ picture: Picture, _ folder: String, _ lettering: Lettering) async throws -> Made {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: "\(folder)/\(picture.file)")))
        let start = clock()
        let page = try await lettering.blocks(of: bytes)
        let read = clock()
        let clean = try await lettering.erase(page.blocks, from: page.picture)
        let erased = clock()
        let texts = page.blocks.map { block in BlockText(block: block, text: other(for: block, picture)) }
        let lettered = try await lettering.set(texts, on: clean)
        let set = clock()
        let name = picture.file.split(separator: ".")[0]
        try Data(lettered.png).write(to: URL(filePath: "\(folder)/lettered/\(name).png"))
        try Data(try await lettering.png(of: clean.picture)).write(to: URL(filePath: "\(folder)/clean/\(name).png"))
        return Made(
            file: picture.file,
            blocks: page.blocks,
            texts: texts.map(\.text),
            outcomes: lettered.outcomes,
            seconds: zip([read, erased, set], [start, read, erased]).map { Double($0 - $1) / Double(CLOCKS_PER_SEC) },
        )
    }

    /// Of the block of the truth that covers most of it; its own text where there is none.
    private static func other(for block: TextBlock, _ picture: Picture) -> String {
        let corners = block.corners
        let (xs, ys) = (corners.map(\.x), corners.map(\.y))
        func covered(_ box: [Int]) -> Double {
            let across = min(xs.max() ?? 0, Double(box[2])) - max(xs.min() ?? 0, Double(box[0]))
            let down = min(ys.max() ?? 0, Double(box[3])) - max(ys.min() ?? 0, Double(box[1]))
            return across > 0 && down > 0 ? across * down : 0
        }
        let best = picture.blocks.max { covered($0.box) < covered($1.box) }
        return best.flatMap { covered($0.box) > 0 ? $0.other : nil } ?? block.text
    }
}
