internal import CPango
import Imaging

/// How much of each pixel of a rectangle is drawn upon, 0...255, row after row.
struct Coverage {
    let box: TextBox
    let values: [UInt8]

    /// Draws on an empty rectangle of the picture.
    ///
    /// - Parameters:
    ///   - box: Of the picture; at least one pixel.
    ///   - angle: Degrees clockwise by which everything is turned.
    ///   - middle: What it is turned around.
    ///   - draw: Gets a drawing whose unit is a pixel of the picture and whose origin is the picture's.
    init(_ box: TextBox, turnedBy angle: Double, around middle: TextPoint, _ draw: (OpaquePointer) -> Void) {
        let (width, height) = (Int32(box.width), Int32(box.height))
        guard let surface = cairo_image_surface_create(CAIRO_FORMAT_A8, width, height),
            let drawing = cairo_create(surface)
        else { preconditionFailure("no memory for a drawing") }
        defer { cairo_surface_destroy(surface) }
        cairo_translate(drawing, -Double(box.x), -Double(box.y))
        if angle != 0 {
            cairo_translate(drawing, middle.x, middle.y)
            cairo_rotate(drawing, angle * .pi / 180)
            cairo_translate(drawing, -middle.x, -middle.y)
        }
        draw(drawing)
        cairo_destroy(drawing)
        cairo_surface_flush(surface)
        self.box = box
        values = Self.copy(surface, box)
    }

    /// Rows on the surface are longer than the box.
    private static func copy(_ surface: OpaquePointer, _ box: TextBox) -> [UInt8] {
        guard let start = cairo_image_surface_get_data(surface) else { return Array(repeating: 0, count: box.area) }
        let stride = Int(cairo_image_surface_get_stride(surface))
        return Array(unsafeUninitializedCapacity: box.area) { values, count in
            for row in 0..<box.height {
                values.baseAddress?.advanced(by: row * box.width).initialize(
                    from: start.advanced(by: row * stride),
                    count: box.width,
                )
            }
            count = box.area
        }
    }
}
