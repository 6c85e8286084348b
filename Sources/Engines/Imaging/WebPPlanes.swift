internal import CVips

/// A picture in the planes that libwebp encodes: half the memory of RGB.
struct WebPPlanes: ~Copyable {
    private let webP: OpaquePointer

    deinit { cvips_webp_release(webP) }

    /// Takes the pixels of `raster`, which is gone afterwards, so that the encoder has its memory.
    init(of raster: consuming Raster, before deadline: Deadline) throws(ImagingError) {
        var webP: OpaquePointer?
        let status = try raster.withImage { cvips_webp_import($0, deadline.nanoseconds, &webP) }
        self.webP = try unwrap(webP, status, or: .failed("no planes"))
    }

    /// The picture as a WebP file without any metadata, of `quality` 0...100. `effort` is libwebp's method, 0 (fast)
    /// ... 6 (small).
    consuming func encoded(quality: Int, effort: Int, before deadline: Deadline) throws(ImagingError) -> [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        var count = 0
        let status = cvips_webp_encode(webP, Float(quality), Int32(effort), deadline.nanoseconds, &start, &count)
        if status == cvips_late { throw .outOfTime }
        guard status == cvips_ok, let start else { throw .failed("the WebP encoder failed") }
        defer { cvips_free(start) }
        return Array(UnsafeBufferPointer(start: start, count: count))
    }
}
