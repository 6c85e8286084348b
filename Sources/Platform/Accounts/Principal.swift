import Kernel

/// Who asks, and what they may do, as a token, an API key or the development mode says.
package struct Principal: Sendable, Equatable {
    /// How the principal proved who they are.
    package enum Proof: Sendable, Equatable {
        case token
        case apiKey(ID<APIKey>)
        /// Nothing was proved: a visitor on this machine in development mode.
        case localVisit
    }

    /// The organization of a token that names none.
    package static let defaultOrganization = "default-org"

    /// The user, unique in the system that signs tokens.
    package let subject: String
    package let organization: String?
    package let email: String?
    /// For greeting, never for deciding.
    package let name: String?
    package let permissions: Set<String>
    package let roles: Set<String>
    package let groups: Set<String>
    package let proof: Proof

    package init(
        subject: String,
        organization: String? = Principal.defaultOrganization,
        email: String? = nil,
        name: String? = nil,
        permissions: Set<String> = [],
        roles: Set<String> = [],
        groups: Set<String> = [],
        proof: Proof = .token,
    ) {
        self.subject = subject
        self.organization = organization
        self.email = email
        self.name = name
        self.permissions = permissions
        self.roles = roles
        self.groups = groups
        self.proof = proof
    }

    /// Has the role `admin`: of this server, so of every organisation that their token may name.
    package var isAdmin: Bool { roles.contains("admin") }

    /// Has the role `owner`: of the organisation that the token names, and of no other.
    package var isOrganizationOwner: Bool { roles.contains("owner") }

    /// Whether the permission stands in the token or key.
    package func may(_ permission: String) -> Bool { permissions.contains(permission) }

    /// What a subject may look like, in tokens and keys: it stands in logs, rows and object names.
    static func isSubject(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count) && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}
