/// One run of a `VariantMaker`.
struct VariantWork {
    /// A size to encode, and the names of all variants that have it, smallest limit first.
    private struct Step {
        let size: PixelSize
        let names: [String]
    }

    private let maker: VariantMaker
    private let header: ImageHeader
    private let deadline: Deadline
    private let deliver: (Variant) throws -> Void

    init(maker: VariantMaker, header: ImageHeader, deadline: Deadline, deliver: @escaping (Variant) throws -> Void) {
        self.maker = maker
        self.header = header
        self.deadline = deadline
        self.deliver = deliver
    }

    func run(_ bytes: [UInt8]) throws -> PictureFacts {
        let decoded = try bytes.span.bytes.withUnsafeBytes { file throws(ImagingError) in try decode(file) }
        let steps = steps(for: decoded.orientedSize)
        let size = decoded.orientedSize
        let sample = try descend(decoded, steps[...])
        return try PictureFacts(size: size, header: header, sample: sample)
    }

    /// The steps from large to small.
    private func steps(for size: PixelSize) -> [Step] {
        let sizes = maker.sizes.sorted { $0.longestSide < $1.longestSide }
        let bySize = Dictionary(grouping: sizes) { size.fitting($0.longestSide) }
        return bySize.map { Step(size: $0.key, names: $0.value.map(\.name)) }
            .sorted { $0.size.longestSide > $1.size.longestSide }
    }

    /// Decodes to the largest size that is asked for, in sRGB.
    private func decode(_ file: UnsafeRawBufferPointer) throws(ImagingError) -> Decoded {
        let source = try open(file)
        let stored = PixelSize(width: source.width, height: source.height)
        // The limits were checked on what our reader found. A file that says one thing to it and another to the library
        // must not get around them.
        guard stored.width <= header.size.width, stored.height <= header.size.height else { throw .corrupt }
        let size = stored.fitting(maker.sizes.map(\.longestSide).max() ?? 1)
        let colours = try source.inSRGB()
        let pixels =
            size == stored
            ? try colours.rendered(before: deadline, or: .corrupt)
            : try colours.resized(to: size).rendered(before: deadline, or: .corrupt)
        return Decoded(
            raster: pixels.isOpaque() && pixels.bands == 4 ? try pixels.withoutAlpha() : pixels,
            orientation: source.orientation,
            storedSize: stored,
        )
    }

    private func open(_ file: UnsafeRawBufferPointer) throws(ImagingError) -> Raster {
        guard header.format == .webp, header.isTruncated else {
            return try Raster.open(file, format: header.format, isLenient: maker.isLenient)
        }
        return try Raster.openCutWebP(file, within: header.size, before: deadline)
    }

    /// Makes the smaller sizes first, then encodes this one.
    ///
    /// - Returns: What the facts are computed from.
    private func descend(_ source: consuming Decoded, _ steps: ArraySlice<Step>) throws -> Sample {
        guard let step = steps.first else { preconditionFailure("there is at least one size") }
        let sample: Sample
        if let smaller = steps.dropFirst().first {
            sample = try descend(source.reduced(to: smaller.size, before: deadline), steps.dropFirst())
        } else {
            sample = try Sample(of: source, before: deadline)
        }
        try encode(source, step)
        return sample
    }

    private func encode(_ source: consuming Decoded, _ step: Step) throws {
        let bytes = try WebPPlanes(of: source.oriented(), before: deadline)
            .encoded(quality: maker.webP.quality, effort: maker.webP.effort(for: step.size), before: deadline)
        for name in step.names {
            let original = name == step.names.first ? nil : step.names.first
            try deliver(Variant(name: name, size: step.size, bytes: bytes, copyOf: original))
        }
    }
}
