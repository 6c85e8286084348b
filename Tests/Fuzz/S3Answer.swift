// Compiled by script/fuzz together with the reader of XML, not by SwiftPM.

/// One run of libFuzzer: whatever the bytes are, the reader accepts or refuses them, and what follows a document makes
/// it none.
@c(LLVMFuzzerTestOneInput)
func readS3Answer(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    if let root = XMLElement(bytes) {
        precondition(!root.name.isEmpty)
        precondition(XMLElement(bytes + [UInt8(ascii: "x")]) == nil)
    }
    return 0
}
