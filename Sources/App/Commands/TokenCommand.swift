import Accounts
import Kernel

/// `pictor token`
struct TokenCommand: Command {
    static let name = "token"
    static let summary = "Print a signed token for a user"
    static let options = [
        Option.option("--config", "FILE", "Read this instead of pictor.yaml."),
        .option("--sub", "USER", "Whom the token is for."),
        .option("--org", "ORG", "The user's organisation (default-org)."),
        .option("--permission", "NAME", "A permission, such as image:admin; may be repeated.", repeatable: true),
        .option("--group", "NAME", "A group; may be repeated.", repeatable: true),
        .option("--role", "NAME", "A role, such as admin; may be repeated.", repeatable: true),
        .option("--expires", "SECONDS", "How long it holds (3600)."),
    ]
    static let examples = [
        "pictor token --sub alice",
        "curl -H \"Authorization: Bearer $(pictor token --sub alice)\" -F file=@photo.jpg -F bucket=test "
            + "http://127.0.0.1:8080/api/v1/images/upload",
    ]

    private let arguments: Arguments

    init(_ arguments: Arguments) throws {
        try arguments.requireNoWords()
        guard arguments.value("--sub") != nil else { throw UsageError(description: "--sub USER says whom it is for") }
        self.arguments = arguments
    }

    func run() async throws -> Int32 {
        let lifetime = try arguments.integer("--expires", in: 1...31_536_000) ?? 3600
        let settings = try Settings(layers(arguments))
        let principal = Principal(
            subject: arguments.value("--sub") ?? "",
            organization: arguments.value("--org") ?? Principal.defaultOrganization,
            permissions: Set(arguments.values("--permission")),
            roles: Set(arguments.values("--role")),
            groups: Set(arguments.values("--group")),
        )
        guard settings.accounts.tokens.algorithms.contains(.HS256) else {
            let reason = "tokens come from the issuer whose public keys are set; accounts.jwt_algorithm has no HS256"
            throw CommandFailure(reason, exitCode: ExitCode.configuration)
        }
        guard let issuer = TokenIssuer(secrets: settings.accounts.secrets, policy: settings.accounts.tokens) else {
            throw CommandFailure("no secret to sign with: set JWT_SECRET_KEY", exitCode: ExitCode.configuration)
        }
        Terminal.print(issuer.issue(principal, lifetime: .seconds(lifetime)))
        return ExitCode.success
    }
}
