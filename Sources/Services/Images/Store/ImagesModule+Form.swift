import HTTPServer

extension ImagesModule {
    /// Reads a form with a file for another service; large files, or all but empty ones where `isOnDisk` says so, wait on
    /// the disk, and go with the form.
    ///
    /// - Throws: 413 when the file is larger than `maxFileBytes`, 415 or 422 when the body is no such form.
    package func form(_ request: Request, maxFileBytes: Int, isOnDisk: Bool = false) async throws -> MultipartForm {
        var limits = MultipartLimits(maxParts: 16, maxFieldBytes: 64 * 1024, maxFileBytes: maxFileBytes)
        if isOnDisk { limits.maxMemoryBytes = 0 }
        return try await request.multipart(limits, spoolFolder: service.spoolFolder)
    }
}
