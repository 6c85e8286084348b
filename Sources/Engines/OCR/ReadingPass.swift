import Imaging

/// One way to prepare a picture and to read it.
struct ReadingPass: Sendable {
    /// Stored with the words.
    let name: String
    let ink: SheetInk
    let enlargement: Double
    let segmentation: Tesseract.Segmentation
    /// Words below it are more often wrong than right. 0...100.
    let leastConfidence: Double
    /// Whether good words of this pass mean that it missed none.
    let isComplete: Bool

    private init(
        _ name: String,
        _ ink: SheetInk,
        enlargement: Double = 1,
        _ segmentation: Tesseract.Segmentation,
        leastConfidence: Double,
        isComplete: Bool = true,
    ) {
        self.name = name
        self.ink = ink
        self.enlargement = enlargement
        self.segmentation = segmentation
        self.leastConfidence = leastConfidence
        self.isComplete = isComplete
    }

    /// The passes in their order: the first ones find most and cost least.
    ///
    /// Order, sizes and limits were chosen on the development split of `Benchmarks/SearchQuality`. There the words of
    /// the last three are junk in two of three cases below 60, and of small text the second and third miss a third,
    /// however sure they are of the rest.
    static let all = [
        // The captions of most memes.
        ReadingPass("dark-outline", .inDarkOutline, .block, leastConfidence: 40),
        // Documents, panels, screenshots, large plain text.
        ReadingPass("page", .grey, .page, leastConfidence: 40, isComplete: false),
        ReadingPass("bright-outline", .inBrightOutline, .block, leastConfidence: 60, isComplete: false),
        // Small text without an outline.
        ReadingPass("bright-strokes", .brightStrokes, enlargement: 2, .page, leastConfidence: 60),
        ReadingPass("dark-strokes", .darkStrokes, enlargement: 2, .page, leastConfidence: 60),
    ]

    /// The passes by which lines are read with their places. What the complete ones are certain of need not be read by
    /// those that see the same ink.
    static let layout = [
        ReadingPass("page", .grey, .page, leastConfidence: 30),
        ReadingPass("page-2", .grey, enlargement: 2, .page, leastConfidence: 30),
        ReadingPass("white-2", .nearWhite, enlargement: 2, .page, leastConfidence: 30, isComplete: false),
        ReadingPass("dark-outline", .inDarkOutline, .block, leastConfidence: 30, isComplete: false),
        ReadingPass("black-2", .nearBlack, enlargement: 2, .page, leastConfidence: 30, isComplete: false),
        ReadingPass("bright-strokes", .brightStrokes, enlargement: 2, .page, leastConfidence: 30, isComplete: false),
        ReadingPass("colourful", .colourful, .page, leastConfidence: 30, isComplete: false),
    ]

    /// The passes by which a place is read that stands at an angle of its own, until one is certain of it.
    static let turned = [
        ReadingPass("page", .grey, .block, leastConfidence: 30),
        ReadingPass("page-2", .grey, enlargement: 2, .block, leastConfidence: 30),
        ReadingPass("white-2", .nearWhite, enlargement: 2, .block, leastConfidence: 30, isComplete: false),
        ReadingPass("black-2", .nearBlack, enlargement: 2, .block, leastConfidence: 30, isComplete: false),
    ]

    /// Whether it may see a line whole of which another pass saw a part: captions with outlines, on photos.
    var seesWholeCaptions: Bool { ink == .nearWhite || ink == .inDarkOutline }
}
