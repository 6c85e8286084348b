import HTTPServer

extension ImagesModule {
    /// Reads a form with a file for another service; large files, or all but empty ones where `isOnDisk` says so, wait on
    /// the disk, and go with the form.
    ///
    /// - Parameters:
    ///   - request: The one that carries it.
    ///   - maxFileBytes: Of each file.
    ///   - maxParts: Fields and files together.
    ///   - isOnDisk: Whether no file is held in memory, for those that are read by path.
    /// - Returns: The fields and files.
    /// - Throws: 413 when a file is larger than `maxFileBytes`, 415 or 422 when the body is no such form.
    package func form(
        _ request: Request,
        maxFileBytes: Int,
        maxParts: Int = 16,
        isOnDisk: Bool = false,
    ) async throws -> MultipartForm {
        var limits = MultipartLimits(maxParts: maxParts, maxFieldBytes: 64 * 1024, maxFileBytes: maxFileBytes)
        if isOnDisk { limits.maxMemoryBytes = 0 }
        return try await request.multipart(limits, spoolFolder: service.spoolFolder)
    }
}
