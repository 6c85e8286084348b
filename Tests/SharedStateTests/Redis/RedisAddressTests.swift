import Kernel
@testable import SharedState
import Testing

@Suite struct RedisAddressTests {
    @Test func everyPartIsRead() throws {
        let address = try RedisAddress(Secret("redis://pictor:p%40ss%3Aw%2Frd@redis.internal:7000/3"))
        #expect(address.place == .tcp(host: "redis.internal", port: 7000))
        #expect(address.user == "pictor")
        #expect(address.password?.reveal() == "p@ss:w/rd")
        #expect(address.database == 3)
    }

    @Test(arguments: [
        ("redis://h", "h", 6379), ("REDIS://h/", "h", 6379), ("redis://[::1]:7", "::1", 7),
        ("redis://[fe80::2]", "fe80::2", 6379),
        ("redis://@h:1", "h", 1),
    ])
    func whatIsLeftOutHasADefault(_ url: String, host: String, port: Int) throws {
        let address = try RedisAddress(Secret(url))
        #expect(address.place == .tcp(host: host, port: port))
        #expect(address.user == nil && address.password == nil && address.database == 0)
    }

    @Test func aPasswordNeedsNoUserAndMayHoldAnAt() throws {
        let address = try RedisAddress(Secret("redis://:a@b@h"))
        #expect(address.user == nil)
        #expect(address.password?.reveal() == "a@b")
    }

    @Test func aSocketIsAPath() throws {
        let address = try RedisAddress(Secret("unix://:secret@/run/redis/redis.sock"))
        #expect(address.place == .unix(path: "/run/redis/redis.sock"))
        #expect(address.password?.reveal() == "secret")
        #expect("\(address)" == "unix:///run/redis/redis.sock")
    }

    @Test(arguments: [
        ("", RedisAddress.Malformed.scheme), ("h:6379", .scheme), ("http://h", .scheme), ("rediss://h", .tls),
        ("redis://", .host), ("redis://:5", .host), ("redis://[::1", .host), ("redis://[::1]x", .host),
        ("redis://h:", .port), ("redis://h:0", .port), ("redis://h:65536", .port), ("redis://h:x", .port),
        ("redis://h/x", .database), ("redis://h/-1", .database), ("redis://:%4@h", .encoding),
        ("redis://:%ff@h", .encoding), ("unix://run/redis.sock", .path), ("unix:///", .path),
    ])
    func anotherIsRefused(_ url: String, error: RedisAddress.Malformed) {
        #expect(throws: error) { try RedisAddress(Secret(url)) }
    }

    @Test func theRefusalOfTLSNamesATunnel() { #expect("\(RedisAddress.Malformed.tls)".contains("stunnel")) }

    @Test func itsTextHasNoPassword() throws {
        let address = try RedisAddress(Secret("redis://someone:hunter2@[::1]:7000/3"))
        #expect("\(address)" == "redis://[::1]:7000/3")
        var dumped = ""
        dump(address, to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }
}
