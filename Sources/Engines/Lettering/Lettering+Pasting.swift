import Imaging

/// Working with a model that draws: a picture goes out on a canvas, and of what comes back only the texts are used.
extension Lettering {
    /// A picture as a model gets it.
    package struct Question: Sendable {
        /// PNG.
        package let file: [UInt8]
        package let size: PixelSize
        /// Of the answer that is wanted, such as `4:3`.
        package let aspectRatio: String
        /// So many pixels of an answer are of use.
        package let pixels: Int

        package init(file: [UInt8], size: PixelSize, aspectRatio: String, pixels: Int) {
            self.file = file
            self.size = size
            self.aspectRatio = aspectRatio
            self.pixels = pixels
        }
    }

    /// Larger pictures are sent reduced: models see no more.
    private static var longestSide: Int { 1536 }

    /// Puts a picture on a canvas that a model can fill.
    ///
    /// - Parameter picture: A file of a format that ``ImageFormat/accepted`` names.
    /// - Returns: What to send.
    /// - Throws: ``DrawingError/unsuitable(reason:)``, ``ImagingError``, ``WorkPool/Full`` or `CancellationError`.
    package func question(about picture: [UInt8]) async throws -> Question {
        try await run { stop in
            let bitmap = try self.decoded(picture, stop)
            let canvas = try Self.canvas(for: bitmap)
            let sheet = canvas.sheet(of: bitmap)
            let longest = max(sheet.size.width, sheet.size.height)
            let scale = min(1, Double(Self.longestSide) / Double(longest))
            let size = PixelSize(
                width: max(1, Int((Double(sheet.size.width) * scale).rounded())),
                height: max(1, Int((Double(sheet.size.height) * scale).rounded())),
            )
            let sent = size == sheet.size ? sheet : try sheet.resized(to: size, before: stop.deadline)
            return Question(
                file: try sent.png(),
                size: size,
                aspectRatio: canvas.aspectRatio,
                pixels: canvas.size.pixels,
            )
        }
    }

    /// Brings a model's drawing to the size and the place of the picture that it was asked about.
    ///
    /// - Parameters:
    ///   - drawing: The file as it came.
    ///   - picture: As in ``question(about:)``.
    ///   - blocks: Where both may differ.
    /// - Returns: A PNG as large as the picture, for ``paste(_:from:on:)``.
    /// - Throws: ``DrawingError``, ``ImagingError``, ``WorkPool/Full`` or `CancellationError`.
    package func fitted(_ drawing: [UInt8], to picture: [UInt8], besides blocks: [TextBlock]) async throws -> [UInt8] {
        try await run { stop in
            let original = try self.decoded(picture, stop)
            let canvas = try Self.canvas(for: original)
            let sheet = try self.sheet(drawing, canvas, stop)
            let drawn = canvas.picture(of: sheet)
            let boxes = blocks.compactMap { TextZone($0, in: original.size)?.bounds }
            let registration = Registration(of: drawn, to: original, besides: boxes)
            guard registration.difference <= Self.mostDifference else { throw DrawingError.unlike }
            return try drawn.moved(by: registration.shift).png()
        }
    }

    /// Takes the places of texts out of a drawing.
    ///
    /// - Parameters:
    ///   - texts: What is drawn there.
    ///   - drawing: From ``fitted(_:to:besides:)``, decoded.
    ///   - clean: The picture without these texts.
    /// - Returns: The clean picture with what was drawn, and where; outside of the outcomes' boxes no pixel differs.
    /// - Throws: ``ImagingError/outOfTime``, ``WorkPool/Full`` or `CancellationError`.
    package func paste(
        _ texts: [BlockText],
        from drawing: Bitmap,
        on clean: CleanPicture,
    ) async throws -> (picture: CleanPicture, outcomes: [BlockOutcome]) {
        try await run { try PasteBack(drawing, stop: $0).paste(texts, on: clean) }
    }

    /// What a drawing may differ from its picture outside of the texts, in brightness: models change colours a little.
    private static var mostDifference: Double { 40 }

    /// Sides may be off by this share: models round to whole tiles.
    private static var mostDistortion: Double { 0.04 }

    private static func canvas(for picture: Bitmap) throws(DrawingError) -> ModelCanvas {
        guard picture.bands == 3 else { throw .unsuitable(reason: "it is transparent") }
        guard let canvas = ModelCanvas(for: picture.size) else {
            throw .unsuitable(reason: "it is far longer than wide, or wider than long")
        }
        return canvas
    }

    private func decoded(_ file: [UInt8], _ stop: WorkStop) throws -> Bitmap {
        try Bitmap.decode(file, limits: limits.image, before: stop.deadline)
    }

    private func sheet(_ drawing: [UInt8], _ canvas: ModelCanvas, _ stop: WorkStop) throws -> Bitmap {
        let sheet: Bitmap
        do { sheet = try decoded(drawing, stop) } catch ImagingError.outOfTime {
            throw ImagingError.outOfTime
        } catch {
            throw DrawingError.unreadable
        }
        let (width, height) = (sheet.size.width, sheet.size.height)
        let wanted = Double(canvas.size.width) / Double(canvas.size.height)
        guard abs(Double(width) / Double(height) / wanted - 1) <= Self.mostDistortion else {
            throw DrawingError.wrongShape(width: width, height: height)
        }
        return sheet.size == canvas.size ? sheet : try sheet.resized(to: canvas.size, before: stop.deadline)
    }
}

extension Bitmap {
    /// What lies so far beside each pixel; at the edges the nearest.
    fileprivate func moved(by shift: (x: Int, y: Int)) -> Bitmap {
        guard shift.x != 0 || shift.y != 0 else { return self }
        var result = self
        for y in 0..<size.height {
            let row = min(size.height - 1, max(0, y + shift.y)) * size.width
            for x in 0..<size.width {
                let (from, to) = (row + min(size.width - 1, max(0, x + shift.x)), y * size.width + x)
                for band in 0..<bands { result.pixels[to * bands + band] = pixels[from * bands + band] }
            }
        }
        return result
    }
}
