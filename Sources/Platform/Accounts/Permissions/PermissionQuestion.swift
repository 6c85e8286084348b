/// Whether a user of an organisation may do something.
struct PermissionQuestion: Hashable, Sendable {
    let organization: String
    let subject: String
    /// Such as `image:upload:group:cats`.
    let permission: String

    /// The second word of the permission, `upload` of `image:upload:group:cats`; `nil` for a permission of one word.
    var action: Substring? {
        let words = permission.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        return words.count > 1 ? words[1] : nil
    }
}
