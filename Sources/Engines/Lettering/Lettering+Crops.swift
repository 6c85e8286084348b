import Imaging

extension Lettering {
    /// A part of a picture as a file.
    package struct Crop: Sendable {
        /// PNG.
        package let file: [UInt8]
        package let size: PixelSize

        package init(file: [UInt8], size: PixelSize) {
            self.file = file
            self.size = size
        }
    }

    /// The places of blocks, each level and with a little around it, for someone who reads better.
    ///
    /// - Parameters:
    ///   - picture: A file of a format that ``ImageFormat/accepted`` names.
    ///   - blocks: What was found in it.
    /// - Returns: For each block; at most 1024 pixels wide or high.
    /// - Throws: ``ImagingError``, ``WorkPool/Full`` or `CancellationError`.
    package func crops(of picture: [UInt8], around blocks: [TextBlock]) async throws -> [Crop] {
        try await run { stop in
            let bitmap = try Bitmap.decode(picture, limits: self.limits.image, before: stop.deadline)
            return try blocks.map { block in
                try stop.check()
                let margin = max(4, block.box.height / 6)
                let box = block.box.expanded(margin, margin)
                let patch = Patch(bitmap, box, turnedBy: block.angle, around: block.box.middle)
                let size = PixelSize(width: box.width, height: box.height)
                let part = Bitmap(size: size, bands: 3, pixels: patch.colours.flatMap { [$0.red, $0.green, $0.blue] })
                let scale = min(1, 1024 / Double(max(box.width, box.height)))
                let small = PixelSize(
                    width: max(1, Int(Double(box.width) * scale)),
                    height: max(1, Int(Double(box.height) * scale)),
                )
                let sent = scale == 1 ? part : try part.resized(to: small, before: stop.deadline)
                return Crop(file: try sent.png(), size: sent.size)
            }
        }
    }
}
