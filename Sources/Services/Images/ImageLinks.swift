import Kernel

/// Addresses of stored sizes. A picture of a private bucket gets a signed address, so that a page can show it without
/// a header; it ends after an hour, as the original's presigned ones did.
struct ImageLinks: Sendable {
    let secret: Secret<[UInt8]>
    let time: any TimeSource
    let lifetime = Duration.seconds(3600)

    func url(of image: ImageRecord, variant: String) -> String {
        let path = "/storage/\(image.bucketPath)/\(StoredVariant.path(of: image.id, name: variant))"
        guard !image.isPublic else { return path }
        // The same address for half its life, so that browsers can cache it.
        let step = lifetime.milliseconds / 2
        let expires = (time.now.milliseconds / step + 2) * step / 1000
        return "\(path)?expires=\(expires)&signature=\(signature(path, expires))"
    }

    /// Whether a signed address was made by us and still holds.
    ///
    /// - Throws: ``ImagesError/signatureWrong`` or ``ImagesError/signatureExpired``.
    func verify(path: String, expires: Int, signature given: String) throws(ImagesError) {
        let expected = signature(path, Int64(expires))
        guard Digest.constantTimeEqual(Array(given.utf8), Array(expected.utf8)) else { throw .signatureWrong }
        guard time.now.milliseconds < Int64(expires) * 1000 else { throw .signatureExpired }
    }

    private func signature(_ path: String, _ expires: Int64) -> String {
        Digest.hmacSHA256(Array("GET\n\(path)\n\(expires)".utf8), key: secret.reveal()).base64URL
    }
}

extension ImageRecord {
    /// The bucket without a slash at the end.
    var bucketPath: String { bucket.hasSuffix("/") ? String(bucket.dropLast()) : bucket }

    /// Whether anyone may see it.
    var isPublic: Bool { (try? Bucket(bucket, strict: false))?.isPublic ?? false }
}
