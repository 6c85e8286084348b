import Kernel
import TestSupport

@testable import Translation

/// Draws the words of a list as text.
struct Sketcher: DrawingProvider {
    let words: any TranslationProvider = WordList(name: "model", isRemote: true)
    let calls = Tally()

    var name: String { "sketcher" }
    var version: String { "sketch-1" }
    var isRemote: Bool { true }

    func draw(_ order: DrawingOrder) async throws -> DrawnPicture {
        calls.add()
        let text = "sketch of \(order.blocks.map(\.shown).joined(separator: "|"))"
        order.expenses.add(1)
        return DrawnPicture(file: Array(text.utf8), model: "pencil")
    }
}
