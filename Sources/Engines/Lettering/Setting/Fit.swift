import Glibc

/// A text fitted into a box: the largest size, up to the source's, at which all its ink lies within.
struct Fit {
    let size: Double
    /// Where the layout's origin is, in the frame of the block.
    let origin: TextPoint
    let lineCount: Int
    /// Around the letters and their outline, in the frame of the block.
    let ink: TextBox
}

/// Fits the text of a block into boxes.
struct Fitting {
    /// Smaller text cannot be read.
    static let leastSize = 6.0

    private let block: TextBlock
    private let text: String
    private let language: String?
    /// Of the outline that is drawn, in shares of the size.
    private let outline: Double
    private let wrapping: TextLayout.Wrapping
    private let stop: WorkStop

    /// `hyphenation` says where words may be cut, with a hyphen.
    init(
        _ text: BlockText,
        outline: Double,
        _ wrapping: TextLayout.Wrapping,
        _ hyphenation: Hyphenation? = nil,
        stop: WorkStop,
    ) {
        block = text.block
        self.text = hyphenation?.marked(text.text) ?? text.text
        language = text.language
        self.outline = outline
        self.wrapping = wrapping
        self.stop = stop
    }

    /// The largest size up to the source's; letters that are smaller than can be read become that large.
    ///
    /// - Returns: `nil` when it does not fit at any size of at least ``leastSize`` and `least` of the source's.
    /// - Throws: What `stop` says, which is asked before each size: a long text takes a while to lay out.
    func fit(into target: TargetBox, least: Double) throws -> Fit? {
        let source = max(Self.leastSize, block.style.size)
        var (low, high) = (max(Self.leastSize, source * least), source)
        let layout = layout(in: target, size: high)
        if let fit = try placed(layout, in: target, size: high) { return fit }
        guard var best = try placed(layout, in: target, size: low) else { return nil }
        while high - low > 0.25 {
            let size = (low + high) / 2
            if let fit = try placed(layout, in: target, size: size) {
                best = fit
                low = size
            } else {
                high = size
            }
        }
        return best
    }

    /// The laid out text of a fit, to be drawn at its origin.
    func layout(in target: TargetBox, size: Double) -> TextLayout {
        let layout = TextLayout(text, TextFace(block.style), size: size, language: language)
        layout.set(block.style.alignment)
        layout.set(lineSpacing: lineSpacing)
        layout.set(width: Double(target.box.width) - 2 * outline * size, wrapping)
        return layout
    }

    /// The source's distance between lines, as far as it is usual.
    private var lineSpacing: Double {
        guard let pitch = block.style.linePitch else { return 1 }
        return min(1.6, max(0.85, pitch / (block.style.size * Self.naturalPitch)))
    }

    /// Lines of DejaVu stand so far apart, in ems.
    private static let naturalPitch = 1.164

    private func placed(_ layout: borrowing TextLayout, in target: TargetBox, size: Double) throws -> Fit? {
        try stop.check()
        let outline = outline * size
        let box = target.box
        layout.set(TextFace(block.style), size: size)
        layout.set(width: Double(box.width) - 2 * outline, wrapping)
        let ink = layout.ink
        let (width, height) = (Double(box.width) - 2 * outline, Double(box.height) - 2 * outline)
        guard ink.width <= width, ink.height <= height else { return nil }
        // With as many lines as the source had they stand where those stood, else around the same middle.
        let middle = (target.firstBaseline + target.lastBaseline) / 2
        let wanted = middle - layout.baselineSpan / 2 - layout.baseline
        let top = Double(box.y) + outline
        let y = min(max(wanted + ink.y, top), top + height - ink.height) - ink.y
        let left = Double(box.x) + outline
        let x = min(max(left + ink.x, left), left + width - ink.width) - ink.x
        let (inkLeft, inkTop) = (Int((x + ink.x - outline).rounded(.down)), Int((y + ink.y - outline).rounded(.down)))
        return Fit(
            size: size,
            origin: TextPoint(x: x, y: y),
            lineCount: layout.lineCount,
            ink: TextBox(
                x: inkLeft,
                y: inkTop,
                width: Int((x + ink.right + outline).rounded(.up)) - inkLeft,
                height: Int((y + ink.bottom + outline).rounded(.up)) - inkTop,
            ),
        )
    }
}
