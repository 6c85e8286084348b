import Imaging

/// One way to prepare a picture and to read it.
struct ReadingPass: Sendable {
    /// Stored with the words.
    let name: String
    let ink: SheetInk
    let enlargement: Double
    let segmentation: Tesseract.Segmentation

    /// White letters with a dark outline.
    static let white = ReadingPass(name: "white", ink: .nearWhite(215), enlargement: 2, segmentation: .block)
    /// White letters anywhere.
    static let whiteSparse = ReadingPass(
        name: "white-sparse",
        ink: .nearWhite(215),
        enlargement: 2,
        segmentation: .sparse,
    )
    /// Dark text on a light ground, as in panels and screenshots.
    static let page = ReadingPass(name: "page", ink: .grey, enlargement: 1, segmentation: .page)
    /// Small and coloured text.
    static let sparse = ReadingPass(name: "sparse", ink: .grey, enlargement: 2, segmentation: .sparse)

    /// In this order: the first ones find most and cost least.
    static let recall = [white, page, sparse, whiteSparse]
    static let layout = [white, page, sparse]
}
