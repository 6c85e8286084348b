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
            case .upload: isAllowedAlone(access.upload)
            case .read, .list: isAllowedAlone(access.read)
            case .delete: isAllowedAlone(access.read) && isAllowedAlone(access.delete(ofOwner: "alice"))
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
            #expect(access.upload == .refused(.organizationMismatch))
            #expect(access.delete(ofOwner: "root") == .refused(.organizationMismatch))
        }
    }

    @Test func groupPermissionOfTheTokenOpensTheGroup() throws {
        let bucket = try Bucket("groups/dogs/", strict: false)
        let reader = Principal(subject: "eve", organization: "acme", permissions: ["image:read:group:dogs"])
        let access = BucketAccess(principal: reader, bucket: bucket)
        #expect(access.read == .allowed)
        let upload = "image:upload:group:dogs"
        #expect(access.upload == .asks(upload, denied: .permissionDenied(upload), isAllowedAlone: false))
    }

    @Test("what stands in no token is asked for, and nothing else")
    func questions() throws {
        let eve = Principal(subject: "eve", organization: "acme")
        func access(_ bucket: String) throws -> BucketAccess {
            BucketAccess(principal: eve, bucket: try Bucket(bucket, strict: false))
        }
        let upload = AccessVerdict.asks(
            "image:upload",
            denied: .permissionDenied("image:upload"),
            isAllowedAlone: true,
        )
        #expect(try access("plain").upload == upload)
        #expect(try access("org-acme/system/").upload == .allowed)
        #expect(try access("users/eve/").upload == .allowed)
        #expect(try access("users/alice/").read == .refused(.notYourBucket))
        #expect(try access("plain").read == .allowed)
        let admin = AccessVerdict.asks("image:admin", denied: .notYourImage, isAllowedAlone: false)
        #expect(try access("org-acme/system/").delete(ofOwner: "alice") == admin)
        #expect(try access("org-acme/system/").delete(ofOwner: "eve") == .allowed)
        let delete = AccessVerdict.asks("image:delete", denied: .notYourImage, isAllowedAlone: false)
        #expect(try access("plain").delete(ofOwner: "alice") == delete)
    }

    @Test("the role admin is one of the server, the role owner one of the organisation")
    func roles() throws {
        let admin = Principal(subject: "root", organization: "acme", roles: ["admin"])
        let owner = Principal(subject: "boss", organization: "acme", roles: ["owner"])
        for (bucket, isForOwner) in [
            ("org-acme/users/alice/", true), ("org-acme/groups/cats/", true), ("users/alice/", false),
        ] {
            let bucket = try Bucket(bucket, strict: false)
            for (principal, isAllowed) in [(admin, true), (owner, isForOwner)] {
                let access = BucketAccess(principal: principal, bucket: bucket)
                #expect((access.read == .allowed) == isAllowed)
                #expect((access.upload == .allowed) == isAllowed)
                #expect((access.delete(ofOwner: "alice") == .allowed) == isAllowed)
            }
        }
        let other = BucketAccess(principal: owner, bucket: try Bucket("org-other/system/", strict: false))
        #expect(other.delete(ofOwner: "alice") == .refused(.organizationMismatch))
    }

    @Test func withoutATokenTheAnswerIs401NotForbidden() throws {
        let bucket = try Bucket("users/alice/", strict: false)
        #expect(BucketAccess(principal: nil, bucket: bucket).read == .refused(.notSignedIn))
    }
}

private func isAllowedAlone(_ verdict: AccessVerdict) -> Bool {
    switch verdict {
    case .allowed: true
    case .refused: false
    case .asks(_, _, let isAllowed): isAllowed
    }
}
