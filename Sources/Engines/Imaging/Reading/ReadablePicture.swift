internal import CVips

/// A picture decoded once, from which several sheets are made. Upright (EXIF) and without alpha.
///
/// Burns CPU and belongs to one thread, like all of ``Imaging``.
package struct ReadablePicture: ~Copyable {
    private let raster: Raster
    private let deadline: Deadline
    /// Of the whole picture, upright, before any reduction.
    package let size: PixelSize

    /// Decodes a picture and lends it.
    ///
    /// - Parameters:
    ///   - bytes: The whole file, of a format that ``ImageFormat/accepted`` names.
    ///   - frame: Of an animation, from 0; others have only 0.
    ///   - limits: Checked on the header.
    ///   - maxPixels: More are reduced to about this many.
    ///   - deadline: For decoding and for every sheet.
    ///   - body: Gets the picture.
    /// - Returns: What `body` returned.
    /// - Throws: ``ImagingError``, or what `body` threw.
    package static func open<Value>(
        _ bytes: [UInt8],
        frame: Int = 0,
        limits: ImageLimits = ImageLimits(),
        maxPixels: Int,
        before deadline: Deadline,
        _ body: (borrowing ReadablePicture) throws -> Value,
    ) throws -> Value {
        try Imaging.start()
        defer { cvips_job_end() }
        let header = try limits.inspect(bytes)
        return try body(
            try bytes.span.bytes.withUnsafeBytes { file throws(ImagingError) in
                let decoded = try decode(file, frame, header, maxPixels: maxPixels, before: deadline)
                return try ReadablePicture(decoded, before: deadline)
            }
        )
    }

    private init(_ decoded: consuming Decoded, before deadline: Deadline) throws(ImagingError) {
        size = decoded.orientedSize
        self.deadline = deadline
        raster = try decoded.oriented().rendered(before: deadline, or: .failed("turn"))
    }

    private static func decode(
        _ file: UnsafeRawBufferPointer,
        _ frame: Int,
        _ header: ImageHeader,
        maxPixels: Int,
        before deadline: Deadline,
    ) throws(ImagingError) -> Decoded {
        let source =
            frame == 0
            ? try Raster.open(file, format: header.format)
            : try Raster.openFrame(file, frame, format: header.format)
        let stored = PixelSize(width: source.width, height: source.height)
        guard stored.width <= header.size.width, stored.height <= header.size.height else { throw .corrupt }
        let orientation = source.orientation
        let colours = try source.inSRGB().overGrey()
        let kept = stored.shrunk(toPixels: maxPixels)
        let pixels =
            kept == stored
            ? try colours.rendered(before: deadline, or: .corrupt)
            : try colours.resized(to: kept).rendered(before: deadline, or: .corrupt)
        return Decoded(raster: pixels, orientation: orientation, storedSize: stored)
    }

    /// The picture as a sheet.
    ///
    /// - Parameters:
    ///   - ink: What of it is shown.
    ///   - enlargement: 1 or more; how much larger the sheet is than the picture, as far as `maxPixels` allows.
    ///   - maxPixels: Of the sheet, unless the picture itself has more.
    /// - Returns: The sheet, in memory.
    /// - Throws: ``ImagingError/outOfTime``, or ``ImagingError/failed(_:)``.
    package borrowing func sheet(_ ink: SheetInk, enlargement: Double, maxPixels: Int) throws(ImagingError) -> Sheet {
        let own = PixelSize(width: raster.width, height: raster.height)
        let wanted = own.enlarged(enlargement).shrunk(toPixels: max(maxPixels, own.pixels))
        let sheet = try Self.inked(raster, ink).rendered(before: deadline, or: .failed("sheet"))
        let pixels =
            wanted == own
            ? sheet.pixels()
            : try sheet.resized(to: wanted).rendered(before: deadline, or: .failed("enlarge")).pixels()
        return Sheet(size: wanted, pixels: pixels, scale: Double(wanted.width) / Double(size.width))
    }

    /// The picture as a small sheet. It is reduced before its ink is brought out, so that strokes which are too thick for
    /// ``sheet(_:enlargement:maxPixels:)`` are seen too.
    ///
    /// - Parameters:
    ///   - ink: What of it is shown.
    ///   - maxPixels: Of the sheet; smaller pictures keep their size.
    /// - Returns: The sheet, in memory.
    /// - Throws: ``ImagingError/outOfTime``, or ``ImagingError/failed(_:)``.
    package borrowing func reducedSheet(_ ink: SheetInk, maxPixels: Int) throws(ImagingError) -> Sheet {
        let own = PixelSize(width: raster.width, height: raster.height)
        let wanted = own.shrunk(toPixels: maxPixels)
        guard wanted != own else { return try sheet(ink, enlargement: 1, maxPixels: maxPixels) }
        let reduced = try raster.resized(to: wanted).rendered(before: deadline, or: .failed("reduce"))
        let pixels = try Self.inked(reduced, ink).rendered(before: deadline, or: .failed("sheet")).pixels()
        return Sheet(size: wanted, pixels: pixels, scale: Double(wanted.width) / Double(size.width))
    }

    private static func inked(_ raster: borrowing Raster, _ ink: SheetInk) throws(ImagingError) -> Raster {
        switch ink {
        case .grey: try raster.grey()
        case .inDarkOutline: try raster.letters(on: cvips_dark_ground)
        case .inBrightOutline: try raster.letters(on: cvips_bright_ground)
        case .brightStrokes: try raster.strokes(areBright: true)
        case .darkStrokes: try raster.strokes(areBright: false)
        case .nearWhite: try raster.extremes(areWhite: true)
        case .nearBlack: try raster.extremes(areWhite: false)
        case .colourful: try raster.colourfulness()
        }
    }
}

extension PixelSize {
    fileprivate func enlarged(_ factor: Double) -> PixelSize {
        PixelSize(width: Int(Double(width) * factor), height: Int(Double(height) * factor))
    }

    /// Of equal shape, with about `limit` pixels at most.
    fileprivate func shrunk(toPixels limit: Int) -> PixelSize {
        guard pixels > limit else { return self }
        let factor = (Double(limit) / Double(pixels)).squareRoot()
        return PixelSize(width: max(1, Int(Double(width) * factor)), height: max(1, Int(Double(height) * factor)))
    }
}
