import Accounts

/// Decides who may do what with pictures: by the rules of ``BucketAccess``, and where they leave it open by asking the
/// permission service.
struct ImageAccess: Sendable {
    /// `nil` when no service is set.
    let permissions: RemotePermissions?

    /// - Throws: 401 without a principal, 403 with the reason, 503 when the service cannot be asked.
    func requireUpload(to bucket: Bucket, by principal: Principal) async throws {
        try await decide(BucketAccess(principal: principal, bucket: bucket).upload, principal)
    }

    /// Throws as ``requireUpload(to:by:)`` does.
    func requireRead(_ image: ImageRecord, by principal: Principal?) async throws {
        try await decide(rules(image, principal).read, principal)
    }

    /// Its owner, or an administrator of what they can read. Throws as ``requireUpload(to:by:)`` does.
    func requireDelete(_ image: ImageRecord, by principal: Principal?) async throws {
        let rules = try rules(image, principal)
        try await decide(rules.read, principal)
        try await decide(rules.delete(ofOwner: image.owner), principal)
    }

    /// Whether the principal may see the picture.
    ///
    /// - Throws: 503 when that cannot be found out.
    func mayRead(_ image: ImageRecord, _ principal: Principal?) async throws -> Bool {
        do {
            try await requireRead(image, by: principal)
            return true
        } catch is ImagesError {
            return false
        }
    }

    /// Whether to offer the principal to delete the picture: not when that cannot be found out now.
    func mayDelete(_ image: ImageRecord, _ principal: Principal?) async -> Bool {
        (try? await requireDelete(image, by: principal)) != nil
    }

    private func rules(_ image: ImageRecord, _ principal: Principal?) throws(ImagesError) -> BucketAccess {
        BucketAccess(principal: principal, bucket: try Bucket(image.bucket, strict: false))
    }

    private func decide(_ verdict: AccessVerdict, _ principal: Principal?) async throws {
        switch verdict {
        case .allowed: return
        case .refused(let error): throw error
        case .asks(let permission, let denied, let isAllowedAlone):
            guard let permissions, let principal else {
                if isAllowedAlone { return }
                throw denied
            }
            guard try await permissions.allows(permission, to: principal) else { throw denied }
        }
    }
}
