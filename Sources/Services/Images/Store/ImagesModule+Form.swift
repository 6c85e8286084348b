import HTTPServer

extension ImagesModule {
    /// Reads a form with a picture for another service; large files wait on the disk, and go with the form.
    ///
    /// - Throws: 413 when the file is larger than `maxFileBytes`, 415 or 422 when the body is no such form.
    package func form(_ request: Request, maxFileBytes: Int) async throws -> MultipartForm {
        try await request.multipart(
            MultipartLimits(maxParts: 16, maxFieldBytes: 64 * 1024, maxFileBytes: maxFileBytes),
            spoolFolder: service.spoolFolder,
        )
    }
}
