import Imaging
import Kernel
import Lettering
import Synchronization
import TestSupport

@testable import Translation

/// What stands on the pictures of a test, and what reads it and draws over it.
final class Spoken: Sendable {
    private let texts = Mutex<[String: String]>([:])
    let reads = Tally()
    let drawings = Tally()
    /// What happens before a drawing, by its number from 1.
    let beforeDrawing = Mutex<@Sendable (Int) async -> Void>({ _ in })

    func say(_ words: String, on picture: [UInt8]) {
        texts.withLock { $0[Digest.sha256(picture).hexadecimal] = words }
    }

    /// Holds drawings back from now on: `began` opens with the first, and `gate` lets them go on. A drawing does not stop
    /// halfway, though its job is told to.
    func holdDrawings() -> (began: Gate, gate: Gate) {
        let (began, gate) = (Gate(), Gate())
        beforeDrawing.withLock { before in
            before = { _ in
                began.open()
                await Task { await gate.pass() }.value
            }
        }
        return (began, gate)
    }

    /// Lines are blocks of 100 x 20 pixels below each other. A drawing is what stands there, as text, and what a
    /// model drew of it.
    var letterer: PictureLetterer {
        PictureLetterer(version: "spoken", exchange: exchange) { [self] picture in
            reads.add()
            let words = texts.withLock { $0[Digest.sha256(picture).hexadecimal] } ?? ""
            if words == "unreadable" { throw Unreadable() }
            let lines = words.split(separator: "\n").enumerated().map { place, line in
                TranslatedBlock(
                    id: place,
                    box: TranslatedBlock.Box(x: 0, y: 20 * place, width: 100, height: 20),
                    order: place,
                    text: String(line),
                    confidence: 0.9,
                    flags: line.contains("#") ? ["unsure_reading"] : [],
                )
            }
            return PictureLetterer.Page(blocks: lines)
        } draw: { [self] order in
            drawings.add()
            await beforeDrawing.withLock(\.self)(drawings.count)
            let shown = order.blocks.map(\.shown).joined(separator: "|")
            let base = order.drawing.map { " on \(String(decoding: $0, as: UTF8.self))" } ?? ""
            return PictureLetterer.Drawing(
                size: PixelSize(width: 100, height: 50),
                picture: Array("\(order.language): \(shown)\(base)".utf8),
                clean: Array("clean".utf8),
                mask: Array("mask".utf8),
                blocks: order.blocks,
            )
        }
    }
}

extension Spoken {
    /// Places are a few bytes, and whatever a model draws is taken as it is.
    private var exchange: PictureLetterer.Exchange {
        let size = PixelSize(width: 100, height: 20)
        return PictureLetterer.Exchange { picture in
            Lettering.Question(file: picture, size: size, aspectRatio: "1:1", pixels: size.pixels)
        } crops: { _, blocks in
            blocks.map { Lettering.Crop(file: Array("part \($0.id)".utf8), size: size) }
        } fitted: { drawing, _, _ in
            drawing
        }
    }
}

/// A picture that nobody can read, ever.
struct Unreadable: Failure {
    var status: Int { 422 }
    var code: String { "unreadable" }
    var message: String { "This picture cannot be read." }
}
