import HTTPServer

extension ImagesModule {
    /// Reads a form with a picture for another service; large files wait on the disk, and go with the form.
    ///
    /// - Parameters:
    ///   - request: The one that carries it.
    ///   - maxFileBytes: Of each file.
    ///   - maxParts: Fields and files together.
    /// - Throws: 413 when a file is larger than `maxFileBytes`, 415 or 422 when the body is no such form.
    package func form(_ request: Request, maxFileBytes: Int, maxParts: Int = 16) async throws -> MultipartForm {
        try await request.multipart(
            MultipartLimits(maxParts: maxParts, maxFieldBytes: 64 * 1024, maxFileBytes: maxFileBytes),
            spoolFolder: service.spoolFolder,
        )
    }
}
