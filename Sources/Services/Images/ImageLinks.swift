import Kernel

/// Addresses of stored sizes. A picture of a private bucket gets a signed address, so that a page can show it without
/// a header; it ends after an hour, as the original's presigned ones did.
struct ImageLinks: Sendable {
    let secret: Secret<[UInt8]>
    let time: any TimeSource
    /// Stands before each address, such as `https://pictures.example`; empty for addresses relative to the server.
    let base: String
    private let lifetime = Duration.seconds(3600)

    init(secret: Secret<[UInt8]>, time: any TimeSource, publicURL: String?) {
        self.secret = secret
        self.time = time
        var base = publicURL ?? ""
        while base.hasSuffix("/") { base.removeLast() }
        self.base = base
    }

    func url(of image: ImageRecord, variant: String) -> String {
        let path = storedPath(of: image, variant: variant)
        return image.isPublic ? base + path : base + signed(path)
    }

    /// A path with the signature that lets anyone read it for half an hour to an hour.
    func signed(_ path: String) -> String {
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

/// The path of a stored size below `/storage`.
func storedPath(of image: ImageRecord, variant: String) -> String {
    "/storage/\(bucketPath(image.bucket))/\(StoredVariant.path(of: image.id, name: variant))"
}

extension ImageRecord {
    /// Whether anyone may see it.
    var isPublic: Bool { (try? Bucket(bucket, strict: false))?.isPublic ?? false }
}
