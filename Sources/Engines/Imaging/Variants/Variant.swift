/// A picture in one of its sizes.
package struct Variant: Sendable, Equatable {
    /// Of its ``VariantSize``.
    package var name: String
    package var size: PixelSize
    /// A WebP file without any metadata.
    package var bytes: [UInt8]
    /// The variant whose bytes these are, when another size came out equal and was encoded for both.
    package var copyOf: String?
}
