import Kernel
import SharedState
import TestSupport
import Testing

@testable import Accounts

@Suite struct PermissionCacheTests {
    private let time = ManualTime()
    private let state: MemorySharedState
    private let cache: PermissionCache

    init() {
        state = MemorySharedState(time: time)
        cache = PermissionCache(state, lifetimes: PermissionLifetimes())
    }

    private func question(
        _ permission: String = "image:upload",
        user: String = "ada",
        in organization: String = "acme",
    ) -> PermissionQuestion {
        PermissionQuestion(organization: organization, subject: user, permission: permission)
    }

    @Test func anAllowedAnswerIsKept() async {
        await cache.keep(true, for: question())
        #expect(await cache.find(question()) == true)
    }

    @Test func aDeniedAnswerIsKept() async {
        await cache.keep(false, for: question())
        #expect(await cache.find(question()) == false)
    }

    @Test func whatWasNeverAskedIsUnknown() async { #expect(await cache.find(question()) == nil) }

    @Test func organizationsAreApart() async {
        await cache.keep(true, for: question(in: "acme"))
        #expect(await cache.find(question(in: "other")) == nil)
    }

    @Test func usersAreApart() async {
        await cache.keep(true, for: question(user: "ada"))
        #expect(await cache.find(question(user: "bob")) == nil)
    }

    @Test func permissionsAreApart() async {
        await cache.keep(true, for: question("image:upload"))
        #expect(await cache.find(question("image:delete")) == nil)
    }

    @Test("no name can be chosen so that two users share an answer")
    func colons() async {
        await cache.keep(true, for: question("c:d", user: "b", in: "a"))
        #expect(await cache.find(question("d", user: "b:c", in: "a")) == nil)
        #expect(await cache.find(question("c:d", user: "b", in: "a")) == true)
        await cache.keep(true, for: question("p", user: "x", in: "a:b"))
        #expect(await cache.find(question("p", user: "b:x", in: "a")) == nil)
        #expect(await cache.find(question("p", user: "x", in: "a%3Ab")) == nil)
    }

    @Test func anAnswerEndsWithItsLifetime() async {
        await cache.keep(true, for: question())
        time.advance(by: .milliseconds(59_999))
        #expect(await cache.find(question()) == true)
        time.advance(by: .milliseconds(1))
        #expect(await cache.find(question()) == nil)
    }

    @Test func anAnswerCanBeForgotten() async {
        await cache.keep(true, for: question())
        #expect(await cache.forget(organization: "acme", subject: "ada") == 1)
        #expect(await cache.find(question()) == nil)
        #expect(await cache.forget(organization: "acme", subject: "ada") == 0)
    }

    @Test("forgetting a user leaves all others, also those whose name begins the same")
    func forgetUser() async {
        await cache.keep(true, for: question("image:upload"))
        await cache.keep(false, for: question("image:delete"))
        await cache.keep(true, for: question(user: "adam"))
        await cache.keep(true, for: question(in: "other"))
        #expect(await cache.forget(organization: "acme", subject: "ada") == 2)
        #expect(await cache.find(question(user: "adam")) == true)
        #expect(await cache.find(question(in: "other")) == true)
    }

    @Test func forgetOrganization() async {
        for user in ["ada", "bob"] { await cache.keep(true, for: question(user: user)) }
        await cache.keep(true, for: question(in: "acme2"))
        #expect(await cache.forget(organization: "acme", subject: nil) == 2)
        #expect(await cache.find(question(in: "acme2")) == true)
    }

    @Test(
        "what a permission can destroy decides how long it is believed",
        arguments: [
            ("image:read", 300), ("image:list", 300), ("image:view", 300), ("image:get", 300),
            ("image:read:group:cats", 300), ("image:admin", 30), ("image:delete", 30), ("image:purge", 30),
            ("image:delete:group:read", 30), ("image:upload", 60), ("image:upload:group:admin", 60), ("image", 60),
            ("read", 60), ("", 60), ("image:", 60), (":read", 300),
        ],
    )
    func classes(permission: String, seconds: Int) async {
        await cache.keep(true, for: question(permission))
        time.advance(by: .seconds(seconds) - .milliseconds(1))
        #expect(await cache.find(question(permission)) == true)
        time.advance(by: .milliseconds(1))
        #expect(await cache.find(question(permission)) == nil)
    }

    @Test(
        "a denial is kept for its own time, whatever was asked",
        arguments: ["image:read", "image:admin", "image:upload"],
    )
    func denied(permission: String) async {
        await cache.keep(false, for: question(permission))
        time.advance(by: .milliseconds(119_999))
        #expect(await cache.find(question(permission)) == false)
        time.advance(by: .milliseconds(1))
        #expect(await cache.find(question(permission)) == nil)
    }

    @Test("the key is the original's, and so is the value")
    func format() async {
        let question = question("image:upload:group:cats")
        #expect(cache.key(question) == "auth:permission:acme:ada:image:upload:group:cats")
        await cache.keep(true, for: question)
        #expect(state.get("auth:permission:acme:ada:image:upload:group:cats") == Array("1".utf8))
        await cache.keep(false, for: question)
        #expect(state.get("auth:permission:acme:ada:image:upload:group:cats") == Array("0".utf8))
    }

    @Test func aNewerAnswerTakesThePlaceOfTheOlder() async {
        await cache.keep(true, for: question())
        await cache.keep(false, for: question())
        #expect(await cache.find(question()) == false)
    }

    @Test func manyAtOnceGetTheirOwnAnswers() async {
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<200 {
                group.addTask {
                    let question = question(user: "user-\(index)")
                    await cache.keep(index % 2 == 0, for: question)
                    #expect(await cache.find(question) == (index % 2 == 0))
                }
            }
        }
    }

    @Test func otherProcessesKnowTheSame() async {
        await cache.keep(true, for: question())
        let other = PermissionCache(state, lifetimes: PermissionLifetimes())
        #expect(await other.find(question()) == true)
        await other.forget(organization: "acme", subject: nil)
        #expect(await cache.find(question()) == nil)
    }

    @Test func whatIsNoAnswerIsUnknown() async {
        state.set(cache.key(question()), Array("yes".utf8), ttl: .seconds(60))
        #expect(await cache.find(question()) == nil)
    }
}
