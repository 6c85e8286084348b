/// How long an answer of the permission service is believed: the more a permission can destroy, the shorter.
package struct PermissionLifetimes: Sendable, Hashable {
    /// For `read`, `list`, `view` and `get`.
    package var read = Duration.seconds(300)
    /// For everything that has no class of its own.
    package var write = Duration.seconds(60)
    /// For `admin`, `delete` and `purge`.
    package var admin = Duration.seconds(30)
    /// For whatever was denied.
    package var denied = Duration.seconds(120)

    package init() {}

    func lifetime(of question: PermissionQuestion, isAllowed: Bool) -> Duration {
        guard isAllowed else { return denied }
        return switch question.action {
        case "read", "list", "view", "get": read
        case "admin", "delete", "purge": admin
        default: write
        }
    }
}
