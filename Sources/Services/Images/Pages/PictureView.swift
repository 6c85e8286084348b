import Kernel
import Web

/// A picture as pages show it: its record, its sizes and their addresses.
struct PictureView: Sendable {
    let image: ImageRecord
    /// Smallest first.
    let variants: [(stored: StoredVariant, url: String)]

    init(_ image: ImageRecord, _ variants: [StoredVariant], links: ImageLinks) {
        self.image = image
        self.variants = variants.map { ($0, links.url(of: image, variant: $0.name)) }
    }

    /// What the sender called it.
    var name: String {
        let name = image.metadata["original_filename"]?.string ?? ""
        return name.isEmpty ? "Picture \(image.id.description.suffix(6))" : name
    }

    /// Width over height; a square while nobody knows.
    var ratio: Double {
        guard let largest = variants.last?.stored else { return 1 }
        return Double(largest.width) / Double(max(1, largest.height))
    }

    /// The ratio for a grid, where a panorama or a strip must leave room for others.
    var gridRatio: Double { min(3, max(0.5, ratio)) }

    /// The colour to show before anything else, `#rrggbb`.
    var colour: String? { image.facts["dominant_color"]?.string.flatMap { isColour($0) ? $0 : nil } }

    /// `srcset` of the sizes a screen chooses from; equal widths once.
    var sources: String {
        var widths: Set<Int> = []
        let chosen = variants.filter { $0.stored.name != "original" && widths.insert($0.stored.width).inserted }
        return chosen.map { "\($0.url) \($0.stored.width)w" }.joined(separator: ", ")
    }

    /// The address of a size, or of the largest there is.
    func url(_ name: String) -> String? { (variants.first { $0.stored.name == name } ?? variants.last)?.url }

    /// The colours found in it, most of it first.
    var palette: [String] {
        (image.facts["palette"]?.array ?? []).compactMap { $0.string ?? $0["color"]?.string }.filter(isColour)
    }

    /// Space, colour and blurred picture for the frame that the real one fills; `ratio` is the frame's.
    func frame(_ ratio: Double) -> HTML {
        let hash = image.facts["thumbhash"]?.string
        return """
            style="--ratio:\(decimal(ratio))\(colour.map { ";--colour:\($0)" as HTML })" \
            \(hash.map { "data-thumbhash=\"\($0)\"" })
            """
    }
}

private func isColour(_ text: String) -> Bool {
    text.utf8.count == 7 && text.hasPrefix("#") && text.dropFirst().allSatisfy(\.isHexDigit)
}
