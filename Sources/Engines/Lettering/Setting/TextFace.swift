internal import CPango

/// Which shapes letters have. A family is one of fontconfig's generic ones, which stand for whatever is installed.
struct TextFace: Hashable, Sendable {
    var isSerif = false
    var isBold = false
    var isItalic = false

    init(isSerif: Bool = false, isBold: Bool = false, isItalic: Bool = false) {
        self.isSerif = isSerif
        self.isBold = isBold
        self.isItalic = isItalic
    }

    init(_ style: TextStyle) {
        self.init(isSerif: style.isSerif, isBold: style.isBold, isItalic: style.isItalic)
    }

    /// The faces that a text is compared with.
    static let all = [false, true].flatMap { serif in
        [false, true].flatMap { bold in
            [false, true].map { TextFace(isSerif: serif, isBold: bold, isItalic: $0) }
        }
    }

    /// Lends Pango's description of the face at a size in pixels.
    func withDescription<Value>(size: Double, _ body: (OpaquePointer) -> Value) -> Value {
        guard let description = pango_font_description_new() else { preconditionFailure("no memory for a font") }
        defer { pango_font_description_free(description) }
        pango_font_description_set_family(description, isSerif ? "serif" : "sans-serif")
        pango_font_description_set_weight(description, isBold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL)
        pango_font_description_set_style(description, isItalic ? PANGO_STYLE_ITALIC : PANGO_STYLE_NORMAL)
        pango_font_description_set_absolute_size(description, size * Double(PANGO_SCALE))
        return body(description)
    }
}
