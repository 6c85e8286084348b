import Imaging

/// Everything that is checked before a picture is accepted: its type by its first bytes, its limits by its header, its
/// completeness by its end. Nothing is decoded.
///
/// - Returns: The MIME type that the content has.
/// - Throws: ``ImagesError/unsupportedType(detected:allowed:)`` or an `ImagingError`.
func checkPicture(_ bytes: [UInt8], _ settings: ImagesSettings) throws -> String {
    let mimeType = ImageFormat.mimeType(of: bytes)
    guard settings.allowedTypes.contains(mimeType) else {
        throw ImagesError.unsupportedType(detected: mimeType, allowed: settings.allowedTypes)
    }
    _ = try settings.limits.inspect(bytes)
    return mimeType
}
