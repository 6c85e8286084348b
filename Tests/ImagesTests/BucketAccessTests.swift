import Accounts
import Testing

@testable import Images

/// Four roles at three kinds of bucket with four verbs, and what each may do.
@Suite struct BucketAccessTests {
    enum Role: String, CaseIterable {
        case anonymous, owner, stranger, administrator

        var principal: Principal? {
            switch self {
            case .anonymous: nil
            case .owner: Principal(subject: "alice", organization: "acme", groups: ["cats"])
            case .stranger: Principal(subject: "bob", organization: "acme")
            case .administrator: Principal(subject: "root", organization: "acme", permissions: ["image:admin"])
            }
        }
    }

    enum Verb: String, CaseIterable {
        case upload, read, list, delete

        func isAllowed(_ access: BucketAccess) -> Bool {
            switch self {
            case .upload: (try? access.requireUpload()) != nil
            case .read, .list: (try? access.requireRead()) != nil
            case .delete: (try? access.requireDelete(ofOwner: "alice")) != nil
            }
        }
    }

    /// Which verbs each role has, in the order upload, read, list, delete.
    static let table: [(bucket: String, role: Role, allowed: String)] = [
        ("org-acme/users/alice/", .anonymous, "...."),
        ("org-acme/users/alice/", .owner, "urld"),
        ("org-acme/users/alice/", .stranger, "...."),
        ("org-acme/users/alice/", .administrator, "urld"),
        ("org-acme/groups/cats/", .anonymous, "...."),
        ("org-acme/groups/cats/", .owner, "urld"),
        ("org-acme/groups/cats/", .stranger, "...."),
        ("org-acme/groups/cats/", .administrator, "urld"),
        ("org-acme/system/", .anonymous, ".rl."),
        ("org-acme/system/", .owner, "urld"),
        ("org-acme/system/", .stranger, "url."),
        ("org-acme/system/", .administrator, "urld"),
        ("plain", .anonymous, ".rl."),
        ("plain", .owner, "urld"),
        ("plain", .stranger, "url."),
        ("plain", .administrator, "urld"),
    ]

    @Test(arguments: table)
    func matrix(row: (bucket: String, role: Role, allowed: String)) throws {
        let access = BucketAccess(principal: row.role.principal, bucket: try Bucket(row.bucket, strict: false))
        let allowed = Verb.allCases.map { $0.isAllowed(access) ? String($0.rawValue.prefix(1)) : "." }.joined()
        #expect(allowed == row.allowed, "\(row.role) at \(row.bucket)")
    }

    @Test func anotherOrganisationNeverGetsIn() throws {
        let admin = Principal(subject: "root", organization: "other", permissions: ["image:admin"])
        for name in ["org-acme/users/root/", "org-acme/groups/cats/", "org-acme/system/"] {
            let access = BucketAccess(principal: admin, bucket: try Bucket(name, strict: false))
            #expect(throws: ImagesError.organizationMismatch) { try access.requireUpload() }
        }
    }

    @Test func groupPermissionOfTheTokenOpensTheGroup() throws {
        let bucket = try Bucket("groups/dogs/", strict: false)
        let reader = Principal(subject: "eve", organization: "acme", permissions: ["image:read:group:dogs"])
        try BucketAccess(principal: reader, bucket: bucket).requireRead()
        #expect(throws: ImagesError.permissionDenied("image:upload:group:dogs")) {
            try BucketAccess(principal: reader, bucket: bucket).requireUpload()
        }
    }

    @Test func withoutATokenTheAnswerIs401NotForbidden() throws {
        let bucket = try Bucket("users/alice/", strict: false)
        #expect(throws: ImagesError.notSignedIn) { try BucketAccess(principal: nil, bucket: bucket).requireRead() }
    }
}
