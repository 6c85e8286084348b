import Accounts

/// What the rules say before anybody else is asked.
enum AccessVerdict: Equatable, Sendable {
    case allowed
    case refused(ImagesError)
    /// The permission service decides, and `denied` is what a refusal says. Without a service it is allowed or refused
    /// as `isAllowedAlone` tells.
    case asks(_ permission: String, denied: ImagesError, isAllowedAlone: Bool)
}

/// Who may do what with the pictures of a bucket: pure rules over a principal and a bucket.
struct BucketAccess: Sendable {
    let principal: Principal?
    let bucket: Bucket

    /// Whether a picture may be put there.
    var upload: AccessVerdict {
        guard let principal else { return .refused(.notSignedIn) }
        guard isOfSameOrganization(principal) else { return .refused(.organizationMismatch) }
        if isAdministrator(principal) { return .allowed }
        switch bucket.space {
        case .plain:
            if principal.may("image:upload") { return .allowed }
            return .asks("image:upload", denied: .permissionDenied("image:upload"), isAllowedAlone: true)
        case .system: return .allowed
        case .user(let user): return principal.subject == user ? .allowed : .refused(.notYourBucket)
        case .group(let group): return ofGroup(group, principal, action: "upload")
        }
    }

    /// Whether its pictures may be seen.
    var read: AccessVerdict {
        if bucket.isPublic { return .allowed }
        guard let principal else { return .refused(.notSignedIn) }
        guard isOfSameOrganization(principal) else { return .refused(.organizationMismatch) }
        if isAdministrator(principal) { return .allowed }
        switch bucket.space {
        case .plain, .system: return .allowed
        case .user(let user): return principal.subject == user ? .allowed : .refused(.notYourBucket)
        case .group(let group): return ofGroup(group, principal, action: "read")
        }
    }

    /// Whether someone who may see a picture of `owner` may also delete it.
    func delete(ofOwner owner: String) -> AccessVerdict {
        guard let principal else { return .refused(.notSignedIn) }
        // Who may read a public picture need not belong to its organisation.
        guard isOfSameOrganization(principal) else { return .refused(.organizationMismatch) }
        if principal.subject == owner || isAdministrator(principal) { return .allowed }
        guard bucket.organization == nil else {
            return .asks("image:admin", denied: .notYourImage, isAllowedAlone: false)
        }
        if principal.may("image:delete") { return .allowed }
        return .asks("image:delete", denied: .notYourImage, isAllowedAlone: false)
    }

    private func isOfSameOrganization(_ principal: Principal) -> Bool {
        bucket.organization.map { $0 == principal.organization } ?? true
    }

    private func ofGroup(_ group: String, _ principal: Principal, action: String) -> AccessVerdict {
        let permission = "image:\(action):group:\(group)"
        if principal.groups.contains(group) || principal.may(permission) { return .allowed }
        return .asks(permission, denied: .permissionDenied(permission), isAllowedAlone: false)
    }

    /// An administrator of this server, or an owner of the organisation that the bucket names.
    private func isAdministrator(_ principal: Principal) -> Bool {
        principal.may("image:admin") || principal.isAdmin
            || (principal.isOrganizationOwner && bucket.organization != nil)
    }
}
