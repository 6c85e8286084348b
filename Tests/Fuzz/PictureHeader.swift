// Compiled by script/fuzz together with the header readers, not by SwiftPM.

/// One run of libFuzzer: whatever the bytes are, the readers accept or refuse them.
@c(LLVMFuzzerTestOneInput)
func readPictureHeader(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    _ = ImageFormat.mimeType(of: bytes)
    for header in [try? ImageHeader.read(bytes), try? ImageHeader.readConvertible(bytes)].compactMap({ $0 }) {
        precondition(header.size.width > 0 && header.size.height > 0 && header.frames > 0 && header.scans > 0)
        precondition(header.decodedBytes > 0)
        try? ImageLimits().check(header)
    }
    return 0
}
