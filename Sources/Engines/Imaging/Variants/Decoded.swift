/// Pixels in memory as they were stored, and how they must be turned. Turning the largest raster only on its way into
/// the encoder saves a copy of it.
struct Decoded: ~Copyable {
    let raster: Raster
    /// EXIF, 1...8.
    let orientation: Int
    /// Of the file, before any reduction.
    let storedSize: PixelSize

    /// The size of the file as a person sees it.
    var orientedSize: PixelSize { isOnItsSide ? storedSize.turned : storedSize }

    private var isOnItsSide: Bool { orientation >= 5 }

    /// A smaller copy, turned. `size` is what a person sees.
    borrowing func reduced(to size: PixelSize, before deadline: Deadline) throws(ImagingError) -> Decoded {
        let small = try raster.resized(to: isOnItsSide ? size.turned : size)
            .rendered(before: deadline, or: .failed("reduce"))
        guard orientation != 1 else { return Decoded(raster: small, orientation: 1, storedSize: size) }
        let turned = try small.oriented(orientation).rendered(before: deadline, or: .failed("turn"))
        return Decoded(raster: turned, orientation: 1, storedSize: size)
    }

    /// The pixels as a person sees them; turned while they are read.
    consuming func oriented() throws(ImagingError) -> Raster {
        orientation == 1 ? raster : try raster.oriented(orientation)
    }
}
