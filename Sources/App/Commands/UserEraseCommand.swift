import Accounts
import Database
import Images
import Kernel
import Translation

/// `pictor user erase`
struct UserEraseCommand: Command {
    static let name = "user erase"
    static let summary = "Remove a user's pictures, translations, keys, counts and events for good"
    static let usage = "[OPTION]… USER"
    static let options = commonOptions + [.flag("--yes", "Do it; without this only say what would go.")]
    static let examples = ["pictor user erase --yes alice"]
    static let details = "Copies made by backup are not touched."

    private let arguments: Arguments
    private let user: String

    init(_ arguments: Arguments) throws {
        self.arguments = arguments
        user = try arguments.onlyWord("user")
    }

    func run() async throws -> Int32 {
        let settings = try Settings(layers(arguments))
        let opened = try await OpenStores(settings)
        guard arguments.has("--yes") else {
            let count = try await opened.images.countOfPictures(ofOwner: user)
            await opened.close()
            Terminal.print("\(user) has \(count) pictures. Add --yes to remove them and everything else for good.")
            return ExitCode.success
        }
        let count = try await opened.images.erase(owner: user)
        _ = try await translationModule(settings, opened.surroundings(settings), draws: false).erase(owner: user)
        let (keys, owner) = (opened.keys, user)
        _ = try await opened.database.transaction { transaction in try keys.erase(owner, in: transaction) }
        await opened.close()
        Terminal.print("Removed \(count) pictures of \(user) and everything else that was known.")
        return ExitCode.success
    }
}
