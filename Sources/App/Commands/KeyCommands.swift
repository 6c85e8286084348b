import Accounts
import Kernel

/// `pictor key create`
struct KeyCreateCommand: Command {
    static let name = "key create"
    static let summary = "Make an API key and print it once"
    static let options =
        commonOptions + [
            .option("--name", "NAME", "What the key is for."),
            .option("--owner", "USER", "Whose key it is."),
            .option(
                "--scope",
                "NAME",
                "A permission of the key, such as image:admin; may be repeated.",
                repeatable: true,
            ),
            .option("--expires", "DAYS", "Days until it ends (365)."),
        ]
    static let examples = ["pictor key create --name importer --owner alice"]
    static let details = "Only a hash is kept: whoever loses the key makes a new one."

    private let arguments: Arguments

    init(_ arguments: Arguments) throws {
        try arguments.requireNoWords()
        guard arguments.value("--owner") != nil else {
            throw UsageError(description: "--owner USER says whose key it is")
        }
        self.arguments = arguments
    }

    func run() async throws -> Int32 {
        let days = try arguments.integer("--expires", in: 1...3650) ?? 365
        let opened = try await OpenStores(Settings(layers(arguments)))
        let owner = arguments.value("--owner") ?? ""
        let created = try await opened.keys.create(
            name: arguments.value("--name") ?? "key of \(owner)",
            owner: owner,
            scopes: arguments.values("--scope"),
            lifetime: .seconds(days * 86_400),
        )
        await opened.close()
        Terminal.print(created.text.reveal())
        Terminal.printError("Keep it: it is not shown again. Id \(created.key.id), ends in \(days) days.")
        return ExitCode.success
    }
}

/// `pictor key list`
struct KeyListCommand: Command {
    static let name = "key list"
    static let summary = "List API keys, without the keys themselves"
    static let options = commonOptions + [.flag("--json", "Print JSON.")]

    private let arguments: Arguments

    init(_ arguments: Arguments) throws {
        try arguments.requireNoWords()
        self.arguments = arguments
    }

    func run() async throws -> Int32 {
        let opened = try await OpenStores(Settings(layers(arguments)))
        let keys = try await opened.keys.list()
        await opened.close()
        if arguments.has("--json") {
            Terminal.print(JSON(keys.map(json)).prettyText)
        } else if keys.isEmpty {
            Terminal.print("There are no keys. Make one: pictor key create --owner USER")
        } else {
            for key in keys { Terminal.print(line(key)) }
        }
        return ExitCode.success
    }

    private func line(_ key: APIKey) -> String {
        let state = key.revokedAt != nil ? "revoked" : "ends \(key.expiresAt?.rfc3339.prefix(10) ?? "never")"
        return "\(key.id)  \(key.prefix)…  \(key.owner)  \(key.name)  \(state)"
    }

    private func json(_ key: APIKey) -> JSON {
        [
            "id": JSON(key.id), "prefix": JSON(key.prefix), "owner": JSON(key.owner), "name": JSON(key.name),
            "scopes": JSON(key.scopes), "created_at": JSON(key.createdAt), "expires_at": JSON(key.expiresAt),
            "revoked_at": JSON(key.revokedAt),
        ]
    }
}

/// `pictor key revoke`
struct KeyRevokeCommand: Command {
    static let name = "key revoke"
    static let summary = "End an API key now"
    static let usage = "[OPTION]… ID"
    static let options = commonOptions

    private let arguments: Arguments
    private let id: String

    init(_ arguments: Arguments) throws {
        self.arguments = arguments
        id = try arguments.onlyWord("key id; see: pictor key list")
    }

    func run() async throws -> Int32 {
        let opened = try await OpenStores(Settings(layers(arguments)))
        do {
            guard let key = ID<APIKey>(id) else { throw AccountsError.noSuchKey }
            try await opened.keys.revoke(key)
        } catch AccountsError.noSuchKey {
            await opened.close()
            throw CommandFailure("there is no key \(id); see: pictor key list")
        }
        await opened.close()
        Terminal.print("Key \(id) no longer works.")
        return ExitCode.success
    }
}
