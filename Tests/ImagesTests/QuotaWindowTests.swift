import Accounts
import Database
import HTTPServer
import Jobs
import Kernel
import Telemetry
import TestSupport
import Testing

@testable import Images

/// Windows that slide, and limits of organisations.
@Suite(.timeLimit(.minutes(5))) struct QuotaWindowTests {
    /// On the hour.
    private static let start = Timestamp(milliseconds: 1_767_225_600_000)
    private static let alice = UploadQuota.Uploader(owner: "alice", organization: "acme")

    @Test("100 uploads at once at a limit of 30 for the organisation", arguments: UploadQuota.WindowKind.allCases)
    func organizationAtOnce(kind: UploadQuota.WindowKind) async throws {
        let house = try await House(
            time: ManualTime(Self.start),
            hasWorker: false,
            change: {
                $0.maxUploadsPerOrganization = 30
                $0.uploadWindowKind = kind
            },
        )
        let answers = try await hundred(house)
        #expect(answers.count { $0.status == 202 } == 30)
        let refused = answers.filter { $0.status == 429 }
        #expect(refused.count == 70)
        for answer in refused {
            #expect(
                answer.json["error"] == "Rate limit exceeded. Maximum 30 uploads per hour for your organization."
            )
            #expect(answer[header: "X-RateLimit-Limit"] == "30")
            #expect(answer[header: "Retry-After"] == (kind == .fixed ? "3600" : "3660"))
        }
        #expect(try await house.rows("SELECT id FROM job").count == 30)
        let stranger = Principal(subject: "olga", organization: "other")
        #expect(try await house.upload(PNG.plain().bytes, by: stranger).status == 202)
    }

    @Test func hundredUploadsAtOnceInASlidingWindowAcceptExactlyFifty() async throws {
        let house = try await House(
            time: ManualTime(Self.start),
            hasWorker: false,
            change: { $0.uploadWindowKind = .sliding },
        )
        let answers = try await hundred(house, by: [.alice])
        #expect(answers.count { $0.status == 202 } == 50)
        #expect(answers.count { $0.status == 429 } == 50)
        let left = Set(answers.filter { $0.status == 202 }.compactMap { $0[header: "X-RateLimit-Remaining"] })
        #expect(left == Set((0..<50).map(String.init)), "no two uploads took the same place")
    }

    @Test func placeComesBackWhenItsSliceHasLeftTheSlidingWindow() async throws {
        let time = ManualTime(Self.start)
        let house = try await House(
            time: time,
            hasWorker: false,
            change: {
                $0.maxUploads = 2
                $0.uploadWindowKind = .sliding
            },
        )
        let picture = PNG.plain().bytes
        #expect(try await house.upload(picture).status == 202)
        time.advance(by: .seconds(1800))
        let second = try await house.upload(picture)
        #expect(second[header: "RateLimit-Reset"] == "3660" && second[header: "X-RateLimit-Remaining"] == "0")
        let refused = try await house.upload(picture)
        #expect(refused.status == 429)
        #expect(refused[header: "Retry-After"] == "1860" && refused[header: "RateLimit-Reset"] == "3660")
        time.advance(by: .seconds(1859))
        #expect(try await house.upload(picture)[header: "Retry-After"] == "1")
        time.advance(by: .seconds(1))
        #expect(try await house.upload(picture).status == 202)
        #expect(try await house.upload(picture)[header: "Retry-After"] == "1800")
    }

    @Test func noStretchOfASlidingWindowSeesMoreThanTheLimitAndNoPlaceIsLateByMoreThanASixtieth() async throws {
        let house = try await House(hasWorker: false)
        let quota = UploadQuota(limit: 5, organizationLimit: nil, window: .seconds(61), kind: .sliding)
        var now = Self.start.milliseconds + 12_345
        var taken: [Int64] = []
        for step in 0..<400 {
            now += Int64(step * step % 17_003)
            let moment = Timestamp(milliseconds: now)
            let state = try? await house.database.transaction { try quota.take(Self.alice, at: moment, in: $0) }
            if state != nil {
                taken.append(now)
                #expect(taken.count { $0 > now - 61_000 } <= 5)
            } else {
                #expect(taken.count { $0 > now - 61_000 - 1017 } >= 5, "refused without need")
            }
        }
        #expect(taken.count > 100)
    }

    @Test func changeOfTheKindForgetsNothing() async throws {
        let house = try await House(hasWorker: false)
        let fixed = UploadQuota(limit: 9, organizationLimit: 9, window: .seconds(3600), kind: .fixed)
        let sliding = UploadQuota(limit: 9, organizationLimit: 9, window: .seconds(3600), kind: .sliding)
        for minute in [1, 30, 59] {
            let now = Self.start + .seconds(60 * minute)
            _ = try await house.database.transaction { try fixed.take(Self.alice, at: now, in: $0) }
        }
        let now = Self.start + .seconds(3600 + 120)
        #expect(try await fixed.peek(Self.alice, at: now, in: house.database).user.used == 0)
        let standing = try await sliding.peek(Self.alice, at: now, in: house.database)
        #expect(standing.user.used == 2 && standing.organization?.used == 2)
    }

    @Test func ofTwoLimitsTheOneThatLastsLongerIsNamed() async throws {
        let time = ManualTime(Self.start)
        let house = try await House(
            time: time,
            hasWorker: false,
            change: {
                $0.maxUploads = 1
                $0.maxUploadsPerOrganization = 2
                $0.uploadWindowKind = .sliding
            },
        )
        let picture = PNG.plain().bytes
        #expect(try await house.upload(picture, by: .bob).status == 202)
        time.advance(by: .seconds(600))
        #expect(try await house.upload(picture).status == 202)
        // Alice waits 3660 s for her own place, and would get the organisation's in 3060 s.
        let alice = try await house.upload(picture)
        #expect(alice.json["error"] == "Rate limit exceeded. Maximum 1 uploads per hour.")
        #expect(alice[header: "Retry-After"] == "3660")
        let third = try await house.upload(picture, by: .root)
        #expect(third.json["error"] == "Rate limit exceeded. Maximum 2 uploads per hour for your organization.")
        #expect(third[header: "Retry-After"] == "3060")
    }

    @Test func headersTellOfTheLimitWithFewerPlacesLeft() async throws {
        let house = try await House(hasWorker: false, change: { $0.maxUploadsPerOrganization = 51 })
        let first = try await house.upload(PNG.plain().bytes, by: .bob)
        #expect(first[header: "X-RateLimit-Limit"] == "50" && first[header: "X-RateLimit-Remaining"] == "49")
        _ = try await house.upload(PNG.plain().bytes, by: .bob)
        let alice = try await house.upload(PNG.plain().bytes)
        #expect(alice[header: "X-RateLimit-Limit"] == "51" && alice[header: "X-RateLimit-Remaining"] == "48")
    }

    @Test func refusalOfOneLimitTakesNoPlaceOfTheOther() async throws {
        let house = try await House(
            hasWorker: false,
            change: {
                $0.maxUploads = 1
                $0.maxUploadsPerOrganization = 2
            },
        )
        for _ in 0..<5 { _ = try await house.upload(PNG.plain().bytes, key: "\(ID<ImageRecord>())") }
        #expect(try await house.upload(PNG.plain().bytes, by: .bob).status == 202)
    }

    @Test func countsOfAnOlderDatabaseStay() async throws {
        let folder = try TemporaryFolder()
        let database = try SQLiteDatabase.open(path: "\(folder.path)/old.db", metrics: Metrics(), log: .silent)
        try await migrate(database, jobMigrations + ImagesModule.migrations.prefix(1))
        try await database.execute("INSERT INTO image_upload_quota VALUES ('alice', \(Self.start), 7)")
        try await migrate(database, jobMigrations + ImagesModule.migrations)
        let quota = UploadQuota(limit: 9, organizationLimit: nil, window: .seconds(3600), kind: .fixed)
        let now = Self.start + .seconds(1800)
        #expect(try await quota.peek(Self.alice, at: now, in: database).user.used == 7)
    }

    @Test func dashboardListsOrganizationsNearTheirLimit() async throws {
        let house = try await House(hasWorker: false, change: { $0.maxUploadsPerOrganization = 1 })
        _ = try await house.upload(PNG.plain().bytes)
        let limits = try #require(try await house.get("/dashboard/data", by: .root).json["rate_limits"])
        let near = try #require(limits["organizations_near_limit"]?.array?.first)
        #expect(near["organization_id"] == "acme" && near["count"] == 1 && near["percent_used"] == 100)
        #expect(limits["users_near_limit"] == [] && limits["total_active_windows"] == 1)
        #expect(limits["summary"] == "50 per user and hour, 1 per organization")
    }

    private func hundred(_ house: House, by people: [Principal] = [.alice, .bob, .root]) async throws -> [Answer] {
        let picture = PNG.plain(8, 8).bytes
        return try await withThrowingTaskGroup(of: Answer.self) { group in
            for index in 0..<100 {
                group.addTask { try await house.upload(picture, by: people[index % people.count]) }
            }
            return try await group.reduce(into: [Answer]()) { $0.append($1) }
        }
    }
}
