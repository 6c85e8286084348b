/// What a form may hold. Each is counted while the bytes arrive.
package struct MultipartLimits: Sendable {
    /// Fields and files together.
    package var maxParts: Int
    /// Bytes of one field.
    package var maxFieldBytes: Int
    /// Bytes of one file.
    package var maxFileBytes: Int
    /// Files up to this many bytes stay in memory; longer ones go to the spool folder.
    package var maxMemoryBytes: Int

    package init(
        maxParts: Int = 32,
        maxFieldBytes: Int = 65_536,
        maxFileBytes: Int = 20_971_520,
        maxMemoryBytes: Int = 65_536,
    ) {
        self.maxParts = maxParts
        self.maxFieldBytes = maxFieldBytes
        self.maxFileBytes = maxFileBytes
        self.maxMemoryBytes = maxMemoryBytes
    }
}
