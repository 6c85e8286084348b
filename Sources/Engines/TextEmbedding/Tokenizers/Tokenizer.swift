/// Cuts texts into the numbered pieces that a model knows, without the special tokens at their ends.
protocol Tokenizer: Sendable {
    /// The pieces of each text, at most `limit` of them. Safe on any text and from any thread.
    func encode(_ texts: [String], limit: Int) throws -> [[Int32]]
}
