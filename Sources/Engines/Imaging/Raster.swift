internal import CVips

/// A picture inside libvips: pixels in memory, or work described and not yet done. Ends its C object when it goes.
struct Raster: ~Copyable {
    private let image: OpaquePointer

    private init(owning image: OpaquePointer) { self.image = image }

    deinit { cvips_release(image) }

    /// Copies pixels: three (RGB) or four (RGBA, not premultiplied) bytes each, row after row.
    init(pixels: [UInt8], width: Int, height: Int, bands: Int) throws(ImagingError) {
        precondition(pixels.count == width * height * bands)
        var image: OpaquePointer?
        let status = cvips_from_pixels(pixels, Int32(width), Int32(height), Int32(bands), &image)
        self.init(owning: try unwrap(image, status, or: .failed("no memory for \(width) x \(height) pixels")))
    }

    /// Reads the header of an encoded file; no pixel is decoded before ``rendered(before:or:)``. The file is not
    /// copied: it must live until the last pixel is read. Where pixels are missing, a lenient reader goes on with
    /// others instead of failing.
    static func open(
        _ file: UnsafeRawBufferPointer,
        format: ImageFormat,
        isLenient: Bool = false,
    ) throws(ImagingError) -> Raster {
        guard let loader = format.loader else { throw .unsupported(what: format.mimeType) }
        var image: OpaquePointer?
        let status = cvips_open(file.baseAddress, file.count, loader, isLenient, &image)
        return Raster(owning: try unwrap(image, status, or: .corrupt))
    }

    /// Like ``open(_:format:isLenient:)``, for a frame (from 0) of a GIF or WebP.
    static func openFrame(
        _ file: UnsafeRawBufferPointer,
        _ frame: Int,
        format: ImageFormat,
    ) throws(ImagingError) -> Raster {
        guard let loader = format.loader else { throw .unsupported(what: format.mimeType) }
        var image: OpaquePointer?
        let status = cvips_open_frame(file.baseAddress, file.count, loader, Int32(frame), &image)
        return Raster(owning: try unwrap(image, status, or: .corrupt))
    }

    /// Decodes the rows that are there of a WebP whose end is missing.
    ///
    /// - Throws: ``ImagingError/corrupt`` when there is none, or a side is longer than `largest` says.
    static func openCutWebP(
        _ file: UnsafeRawBufferPointer,
        within largest: PixelSize,
        before deadline: Deadline,
    ) throws(ImagingError) -> Raster {
        var image: OpaquePointer?
        let status = cvips_open_cut_webp(
            file.baseAddress,
            file.count,
            Int32(largest.width),
            Int32(largest.height),
            deadline.nanoseconds,
            &image,
        )
        return Raster(owning: try unwrap(image, status, or: .corrupt))
    }

    var width: Int { Int(cvips_shape_of(image).width) }
    var height: Int { Int(cvips_shape_of(image).height) }
    var bands: Int { Int(cvips_shape_of(image).bands) }
    /// How the file asks to be turned (EXIF, 1...8); 1 once it is.
    var orientation: Int { Int(cvips_shape_of(image).orientation) }

    /// Eight bits, sRGB, three bands or four.
    borrowing func inSRGB() throws(ImagingError) -> Raster {
        try described(or: .corrupt) { cvips_to_srgb($0, &$1) }
    }

    /// Lanczos to exactly this size; colours do not bleed out of transparent pixels.
    borrowing func resized(to size: PixelSize) throws(ImagingError) -> Raster {
        try described(or: .failed("resize")) { cvips_resize($0, Int32(size.width), Int32(size.height), &$1) }
    }

    /// Turned and mirrored as an EXIF orientation asks.
    borrowing func oriented(_ orientation: Int) throws(ImagingError) -> Raster {
        try described(or: .failed("orient")) { cvips_orient($0, Int32(orientation), &$1) }
    }

    /// Laid over a middle grey, three bands; a picture without alpha stays as it is.
    consuming func overGrey() throws(ImagingError) -> Raster {
        guard bands == 4 else { return self }
        return try described(or: .failed("flatten")) { cvips_over_grey($0, &$1) }
    }

    /// Brightness, one band.
    borrowing func grey() throws(ImagingError) -> Raster {
        try described(or: .failed("grey")) { cvips_grey($0, &$1) }
    }

    /// Black on white, one band: the thin parts that are brighter, or darker, than what lies around them.
    borrowing func strokes(areBright: Bool) throws(ImagingError) -> Raster {
        try described(or: .failed("strokes")) { cvips_strokes($0, areBright, &$1) }
    }

    /// Black on white, one band: what has the size and colour of a caption's letters. Only for rendered pictures with
    /// three bands; gives a rendered one.
    borrowing func letters(on ground: cvips_ground) throws(ImagingError) -> Raster {
        try described(or: .failed("letters")) { cvips_letters($0, ground, &$1) }
    }

    /// Black on white, one band: what is nearly white, or nearly black. Only for rendered pictures with three bands.
    borrowing func extremes(areWhite: Bool) throws(ImagingError) -> Raster {
        try described(or: .failed("extremes")) { cvips_extremes($0, areWhite, &$1) }
    }

    /// Dark on white, one band: the more colourful, the darker. Only for rendered pictures with three bands.
    borrowing func colourfulness() throws(ImagingError) -> Raster {
        try described(or: .failed("colourfulness")) { cvips_colourfulness($0, &$1) }
    }

    /// Without the alpha band.
    borrowing func withoutAlpha() throws(ImagingError) -> Raster {
        try described(or: .failed("alpha")) { cvips_without_alpha($0, &$1) }
    }

    /// All pixels computed, in memory, without any metadata. `error` is what it means when one cannot be computed:
    /// ``ImagingError/corrupt`` while decoding.
    borrowing func rendered(before deadline: Deadline, or error: ImagingError) throws(ImagingError) -> Raster {
        try described(or: error) { cvips_render($0, deadline.nanoseconds, &$1) }
    }

    /// Whether no pixel is transparent. Only for rendered pictures.
    borrowing func isOpaque() -> Bool { cvips_is_opaque(image) }

    /// A copy of the pixels, row after row, without gaps. Only for rendered pictures.
    borrowing func pixels() -> [UInt8] {
        guard let start = cvips_pixels(image) else { preconditionFailure("the picture is not rendered") }
        return Array(UnsafeBufferPointer(start: start, count: width * height * bands))
    }

    /// Lends the C object, to be read only.
    borrowing func withImage<Value>(_ body: (OpaquePointer) throws(ImagingError) -> Value) throws(ImagingError) -> Value
    {
        try body(image)
    }

    private borrowing func described(
        or error: ImagingError,
        _ step: (OpaquePointer, inout OpaquePointer?) -> cvips_status,
    ) throws(ImagingError) -> Raster {
        var result: OpaquePointer?
        let status = step(image, &result)
        return Raster(owning: try unwrap(result, status, or: error))
    }
}

/// The object that a C function gave, or what its status means.
func unwrap(
    _ object: OpaquePointer?,
    _ status: cvips_status,
    or error: @autoclosure () -> ImagingError,
) throws(ImagingError) -> OpaquePointer {
    if status == cvips_late { throw .outOfTime }
    guard let object, status == cvips_ok else { throw error() }
    return object
}

extension ImageFormat {
    fileprivate var loader: cvips_loader? {
        switch self {
        case .gif: cvips_gif
        case .jpeg: cvips_jpeg
        case .png: cvips_png
        case .tiff: cvips_tiff
        case .webp: cvips_webp_file
        default: nil
        }
    }
}
