/// One of the sizes that are made of every picture.
package struct VariantSize: Sendable, Hashable {
    /// Such as `thumbnail`.
    package let name: String
    /// Width and height stay within this; a smaller picture is never enlarged. 1...16,383, what WebP can hold.
    package let longestSide: Int

    package init(_ name: String, longestSide: Int) {
        precondition((1...16_383).contains(longestSide), "\(name): a WebP has sides of 1 to 16,383 pixels")
        self.name = name
        self.longestSide = longestSide
    }

    /// The four sizes of the service that this one replaces.
    package static let standard = [
        VariantSize("thumbnail", longestSide: 150),
        VariantSize("medium", longestSide: 600),
        VariantSize("large", longestSide: 1200),
        VariantSize("original", longestSide: 4096),
    ]
}
