import Imaging

/// Everything that is checked before a picture is accepted: its type by its first bytes, its limits by its header, its
/// completeness by its end. Nothing is decoded.
///
/// - Returns: The MIME type that the content has, and whether its end is missing, which only a lenient check lets pass.
/// - Throws: ``ImagesError/unsupportedType(detected:allowed:)`` or an `ImagingError`.
func checkPicture(
    _ bytes: [UInt8],
    isLenient: Bool,
    _ settings: ImagesSettings,
) throws -> (mimeType: String, isTruncated: Bool) {
    let mimeType = ImageFormat.mimeType(of: bytes)
    guard settings.allowedTypes.contains(mimeType) else {
        throw ImagesError.unsupportedType(detected: mimeType, allowed: settings.allowedTypes)
    }
    let header = try settings.limits.inspect(bytes, isLenient: isLenient)
    return (mimeType, header.isTruncated)
}
