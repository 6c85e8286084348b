import Imaging

/// One way to prepare a picture and to read it.
struct ReadingPass: Sendable {
    /// Stored with the words.
    let name: String
    let ink: SheetInk
    let enlargement: Double
    let segmentation: Tesseract.Segmentation

    /// The captions of most memes.
    static let darkOutline = ReadingPass(
        name: "dark-outline",
        ink: .inDarkOutline,
        enlargement: 1,
        segmentation: .block,
    )
    /// Documents, panels, screenshots.
    static let page = ReadingPass(name: "page", ink: .grey, enlargement: 1, segmentation: .page)
    static let brightOutline = ReadingPass(
        name: "bright-outline",
        ink: .inBrightOutline,
        enlargement: 1,
        segmentation: .block,
    )
    /// Small text without an outline.
    static let brightStrokes = ReadingPass(
        name: "bright-strokes",
        ink: .brightStrokes,
        enlargement: 2,
        segmentation: .page,
    )
    static let darkStrokes = ReadingPass(name: "dark-strokes", ink: .darkStrokes, enlargement: 2, segmentation: .page)
    /// White letters without an outline that are too large for strokes.
    static let white = ReadingPass(name: "white", ink: .white, enlargement: 1, segmentation: .block)

    /// In this order: the first ones find most and cost least.
    static let recall = [darkOutline, page, brightOutline, brightStrokes, darkStrokes, white]
    static let layout = recall
}
