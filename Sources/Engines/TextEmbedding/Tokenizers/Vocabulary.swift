/// Tokens by their bytes. The hash of a word grows byte by byte, so that all its beginnings are looked up for the price
/// of one pass.
struct Vocabulary: Sendable {
    /// FNV-1a.
    struct Hash {
        private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

        mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }

    /// All tokens, one after the other.
    private var bytes: [UInt8] = []
    /// Where each token starts in `bytes`, and where the last ends.
    private var starts: [UInt32] = [0]
    private var ids: [Int32] = []
    /// Index into `ids`, or -1; collisions go to the next slot.
    private var slots: [Int32]
    private let mask: Int

    init(_ tokens: [(text: [UInt8], id: Int32)]) {
        let size = 1 << (Int.bitWidth - (tokens.count * 2).leadingZeroBitCount)
        mask = size - 1
        slots = Array(repeating: -1, count: size)
        for (index, token) in tokens.enumerated() {
            bytes += token.text
            starts.append(UInt32(bytes.count))
            ids.append(token.id)
            var hash = Hash()
            for byte in token.text { hash.add(byte) }
            var slot = Self.slot(hash) & mask
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(index)
        }
    }

    /// The id of the token that consists of `prefix` and `word`, whose hash over both is `hash`.
    func id(of word: ArraySlice<UInt8>, after prefix: [UInt8], _ hash: Hash) -> Int32? {
        var slot = Self.slot(hash) & mask
        while slots[slot] >= 0 {
            let index = Int(slots[slot])
            let start = Int(starts[index])
            if Int(starts[index + 1]) - start == prefix.count + word.count, matches(word, after: prefix, at: start) {
                return ids[index]
            }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// The id of a whole token.
    func id(of token: some Collection<UInt8>) -> Int32? {
        var hash = Hash()
        for byte in token { hash.add(byte) }
        return id(of: Array(token)[...], after: [], hash)
    }

    private func matches(_ word: ArraySlice<UInt8>, after prefix: [UInt8], at start: Int) -> Bool {
        for index in prefix.indices where bytes[start + index] != prefix[index] { return false }
        let offset = start + prefix.count - word.startIndex
        for index in word.indices where bytes[offset + index] != word[index] { return false }
        return true
    }

    private static func slot(_ hash: Hash) -> Int {
        Int(truncatingIfNeeded: (hash.value ^ (hash.value >> 29)) &* 0x9E37_79B9_7F4A_7C15 >> 20)
    }
}
