import Imaging
import Kernel
import ObjectStore

/// A restored backup can hold the row of a picture from before its work and the files from after it: rows are saved
/// first, and the file as sent goes when its sizes are made.
extension VariantWork {
    /// The sizes that are stored already; `nil` unless all are. What is known of the picture is read from the largest.
    func storedSizes(of image: ImageRecord) async throws -> (variants: [StoredVariant], facts: PictureFacts)? {
        var variants: [StoredVariant] = []
        var largest: (pixels: Int, bytes: [UInt8]) = (0, [])
        for name in settings.sizes.map(\.name) {
            let key = variantKey(of: image.id, bucket: image.bucket, name: name)
            guard let bytes = try await stored(key) else { return nil }
            let size = try settings.limits.inspect(bytes).size
            variants.append(
                StoredVariant(name: name, width: size.width, height: size.height, sizeBytes: bytes.count)
            )
            let pixels = size.width * size.height
            if pixels > largest.pixels { largest = (pixels, bytes) }
        }
        let (maker, source) = (settings.variantMaker(isLenient: false), largest.bytes)
        return (variants, try await pool.run { try maker.make(from: source) { _ in } })
    }

    private func stored(_ key: ObjectKey) async throws -> [UInt8]? {
        do { return try await objects.get(key) } catch StorageError.notFound { return nil }
    }
}
