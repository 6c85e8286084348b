extension Sample {
    /// A WebP of at most 16 x 16 pixels.
    func placeholder() throws(ImagingError) -> [UInt8] {
        let whole = try Raster(pixels: pixels, width: size.width, height: size.height, bands: 4)
        let small = try whole.resized(to: size.fitting(16)).rendered(before: .never, or: .failed("placeholder"))
        let raster = small.isOpaque() ? try small.withoutAlpha() : small
        return try WebPPlanes(of: raster, before: .never).encoded(quality: 50, effort: 6, before: .never)
    }
}
