internal import CPango

/// A text in lines, laid out by Pango: shaped, in both directions of writing, with letters of other fonts where its
/// own has none. All lengths are pixels. Belongs to one thread.
struct TextLayout: ~Copyable {
    /// A rectangle that need not lie on whole pixels.
    struct Extents {
        var x, y, width, height: Double
        var right: Double { x + width }
        var bottom: Double { y + height }
    }

    /// Where a line that is too long may end.
    enum Wrapping {
        /// Between words.
        case words
        /// Also anywhere in a word that is wider than the line.
        case letters
    }

    private let layout: OpaquePointer

    /// `language`: BCP 47; `nil` when it is not known.
    init(_ text: String, _ face: TextFace, size: Double, language: String? = nil) {
        guard let context = pango_font_map_create_context(pango_cairo_font_map_get_default()),
            let options = cairo_font_options_create()
        else { preconditionFailure("no memory for a layout") }
        defer { g_object_unref(UnsafeMutableRawPointer(context)) }
        // Hinting moves outlines by whole pixels: texts would not grow evenly with their size.
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
        pango_cairo_context_set_font_options(context, options)
        cairo_font_options_destroy(options)
        if let language { pango_context_set_language(context, pango_language_from_string(language)) }
        guard let layout = pango_layout_new(context) else { preconditionFailure("no memory for a layout") }
        self.layout = layout
        pango_layout_set_text(layout, text, -1)
        set(face, size: size)
    }

    deinit { g_object_unref(UnsafeMutableRawPointer(layout)) }

    borrowing func set(_ face: TextFace, size: Double) {
        face.withDescription(size: size) { pango_layout_set_font_description(layout, $0) }
    }

    borrowing func set(width: Double, _ wrapping: Wrapping) {
        pango_layout_set_width(layout, Int32(width * Double(PANGO_SCALE)))
        pango_layout_set_wrap(layout, wrapping == .words ? PANGO_WRAP_WORD : PANGO_WRAP_WORD_CHAR)
    }

    /// `factor`: of the font's own distance between lines.
    borrowing func set(lineSpacing factor: Double) { pango_layout_set_line_spacing(layout, Float(factor)) }

    /// In a text from right to left, left and right change places.
    borrowing func set(_ alignment: TextAlignment) {
        switch alignment {
        case .left: pango_layout_set_alignment(layout, PANGO_ALIGN_LEFT)
        case .centre: pango_layout_set_alignment(layout, PANGO_ALIGN_CENTER)
        case .right: pango_layout_set_alignment(layout, PANGO_ALIGN_RIGHT)
        }
    }

    /// Characters that no installed font has.
    var unknownGlyphs: Int { Int(pango_layout_get_unknown_glyphs_count(layout)) }

    var lineCount: Int { Int(pango_layout_get_line_count(layout)) }

    /// From the origin to the first baseline.
    var baseline: Double { Double(pango_layout_get_baseline(layout)) / Double(PANGO_SCALE) }

    /// From the first baseline to the last.
    var baselineSpan: Double {
        guard let iterator = pango_layout_get_iter(layout) else { return 0 }
        defer { pango_layout_iter_free(iterator) }
        let first = pango_layout_iter_get_baseline(iterator)
        while pango_layout_iter_next_line(iterator) != 0 {}
        return Double(pango_layout_iter_get_baseline(iterator) - first) / Double(PANGO_SCALE)
    }

    /// Around what is drawn, from the layout's origin.
    var ink: Extents {
        var rectangle = PangoRectangle()
        pango_layout_get_extents(layout, &rectangle, nil)
        let scale = Double(PANGO_SCALE)
        return Extents(
            x: Double(rectangle.x) / scale,
            y: Double(rectangle.y) / scale,
            width: Double(rectangle.width) / scale,
            height: Double(rectangle.height) / scale,
        )
    }

    /// Draws the letters with their origin at the current point; `outline` draws a line of this width around them.
    borrowing func draw(on drawing: OpaquePointer, outline: Double? = nil) {
        guard let outline else {
            pango_cairo_show_layout(drawing, layout)
            return
        }
        pango_cairo_layout_path(drawing, layout)
        cairo_set_line_width(drawing, 2 * outline)
        cairo_set_line_join(drawing, CAIRO_LINE_JOIN_ROUND)
        cairo_stroke_preserve(drawing)
        cairo_fill(drawing)
    }
}
