internal import CLinux

extension ArraySlice<UInt8> {
    /// The index where `needle` begins, if it is there.
    func firstIndex(of needle: [UInt8]) -> Int? {
        let offset = withUnsafeBytes { clinux_find($0.baseAddress, $0.count, needle, needle.count) }
        return offset < 0 ? nil : startIndex + offset
    }
}
