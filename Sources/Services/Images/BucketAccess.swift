import Accounts

/// Who may do what with the pictures of a bucket: pure rules over a principal and a bucket.
struct BucketAccess: Sendable {
    let principal: Principal?
    let bucket: Bucket

    /// Whether a picture may be put there.
    ///
    /// - Throws: 401 without a principal, 403 with the reason otherwise.
    func requireUpload() throws(ImagesError) {
        guard let principal else { throw .notSignedIn }
        try requireSameOrganization(principal)
        switch bucket.space {
        case .plain, .system: return
        case .user(let user):
            guard principal.subject == user || isAdmin(principal) else { throw .notYourBucket }
        case .group(let group):
            guard isMember(principal, of: group, action: "upload") else {
                throw .permissionDenied("image:upload:group:\(group)")
            }
        }
    }

    /// Whether its pictures may be seen.
    func requireRead() throws(ImagesError) {
        if bucket.isPublic { return }
        guard let principal else { throw .notSignedIn }
        try requireSameOrganization(principal)
        switch bucket.space {
        case .plain, .system: return
        case .user(let user):
            guard principal.subject == user || isAdmin(principal) else { throw .notYourBucket }
        case .group(let group):
            guard isMember(principal, of: group, action: "read") else {
                throw .permissionDenied("image:read:group:\(group)")
            }
        }
    }

    /// Whether a picture of `owner` may be deleted: its owner, or an administrator of what they can read.
    func requireDelete(ofOwner owner: String) throws(ImagesError) {
        guard let principal else { throw .notSignedIn }
        try requireSameOrganization(principal)  // who may read a public picture need not belong to it
        try requireRead()
        let mayDeleteAny = bucket.organization == nil && principal.permissions.contains("image:delete")
        guard principal.subject == owner || isAdmin(principal) || mayDeleteAny else { throw .notYourImage }
    }

    private func requireSameOrganization(_ principal: Principal) throws(ImagesError) {
        guard let organization = bucket.organization, organization != principal.organization else { return }
        throw .organizationMismatch
    }

    private func isMember(_ principal: Principal, of group: String, action: String) -> Bool {
        principal.groups.contains(group) || principal.permissions.contains("image:\(action):group:\(group)")
            || isAdmin(principal)
    }

    private func isAdmin(_ principal: Principal) -> Bool { principal.permissions.contains("image:admin") }
}
