import Database
import HTTPServer
import Kernel
import ObjectStore
import TestSupport
import Testing

@testable import Memes

/// What a pull does with memes whose objects are gone, and with stages that nobody wants.
@Suite(.timeLimit(.minutes(5))) struct PullPruneTests {
    private func object(_ house: MemeHouse, _ words: String, key: String? = nil) -> FakeBucket.Object {
        FakeBucket.Object(key: key ?? "in/\(words).png", bytes: house.picture(words))
    }

    private func names(_ house: MemeHouse) async throws -> Set<String> {
        Set(try await house.memes.memes.page(status: nil, before: nil, limit: 100).map(\.fileName))
    }

    @Test(
        "what is gone from a source is counted, and deleted where that is asked for",
        arguments: DatabaseBackend.allCases,
    )
    func deletesMissing(backend: DatabaseBackend) async throws {
        let bucket = try FakeBucket([])
        let house = try await bucket.house(backend: backend)
        let stays = [object(house, "stays"), object(house, "also other", key: "other/also other.png")]
        let goes = [object(house, "goes"), object(house, "goes_100%", key: "in/goes_100%.png")]
        let twice = FakeBucket.Object(key: "in/twice.png", bytes: house.picture("twice"))
        let again = FakeBucket.Object(key: "in/again.png", bytes: house.picture("twice"))
        let uploaded = object(house, "uploaded")
        bucket.replace(stays + goes + [twice, again, uploaded])
        for folder in ["in", "other"] {
            let first = try await house.end(of: house.send(.post, "/pull", ["source": JSON("s3://memes/\(folder)")]))
            #expect(first["missing"] == 0 && first["deleted"] == 0, "\(first.text)")
        }
        let bytes = try #require(uploaded.bytes)
        _ = try await house.memes.add(bytes, name: "uploaded.png", source: ownSource(of: bytes, by: "upload"))

        bucket.replace([stays[0], again])
        let flagged = try await house.end(of: house.send(.post, "/pull", ["source": "s3://memes/in"]))
        #expect(flagged["missing"] == 4 && flagged["deleted"] == 0)
        #expect(try await names(house).count == 6)

        let body: JSON = ["source": "s3://memes/in", "delete_missing": true]
        let pruned = try await house.end(of: house.send(.post, "/pull", body))
        #expect(pruned["missing"] == 4 && pruned["deleted"] == 4 && pruned["state"] == "done")
        let left = try await names(house)
        #expect(left.isDisjoint(with: ["goes.png", "goes_100%.png"]))
        #expect(left.isSuperset(of: ["stays.png", "uploaded.png", "also other.png"]) && left.count == 4)
        try await house.memes.readIndex()
        #expect(try await house.found("goes").isEmpty)
        let kept = try await house.objects.list(prefix: "originals/", after: nil, limit: 100).objects.map(\.key.text)
        #expect(kept.count == 4, "\(kept)")

        // What has gone and comes back is fetched anew.
        bucket.replace([stays[0], again, goes[0]])
        let back = try await house.end(of: house.send(.post, "/pull", body))
        #expect(back["counts"]?["done"] == 1 && back["missing"] == 0)
    }

    @Test func aSourceThatHasNothingAtAllDeletesNothing() async throws {
        let bucket = try FakeBucket([])
        let house = try await bucket.house()
        bucket.replace([object(house, "one"), object(house, "two")])
        _ = try await house.end(of: house.send(.post, "/pull", ["source": "s3://memes/in"]))
        bucket.replace([])
        let body: JSON = ["source": "s3://memes/in", "delete_missing": true]
        let end = try await house.end(of: house.send(.post, "/pull", body))
        #expect(end["missing"] == 2 && end["deleted"] == 0)
        #expect(try await names(house).count == 2)
    }

    @Test func onlyWhatThePullWouldHaveListedIsMissed() async throws {
        let bucket = try FakeBucket([])
        let house = try await bucket.house()
        bucket.replace([object(house, "cat one"), object(house, "dog one"), object(house, "dog two")])
        _ = try await house.end(of: house.send(.post, "/pull", ["source": "s3://memes/in"]))
        bucket.replace([object(house, "dog one")])
        let body: JSON = ["source": "s3://memes/in", "include": ["dog*"], "delete_missing": true]
        let end = try await house.end(of: house.send(.post, "/pull", body))
        #expect(end["missing"] == 1 && end["deleted"] == 1)
        #expect(try await names(house) == ["cat one.png", "dog one.png"])
        let limited: JSON = ["source": "s3://memes/in", "max_images": 1, "delete_missing": true]
        #expect(try await house.send(.post, "/pull", limited).status == 422)
        let some = try await house.end(of: house.send(.post, "/pull", ["source": "s3://memes/in", "max_images": 1]))
        #expect(some["missing"] == .null)
    }

    @Test func stagesThatNobodyWantsAreLeftOut() async throws {
        let described = Tally()
        let describer = PictureDescriber(version: "model") { _ in
            described.add()
            return [MemeText(.meaning, ["described"], by: .vlm)]
        }
        let bucket = try FakeBucket([])
        let house = try await bucket.house(describer: describer)
        bucket.replace([object(house, "only read")])
        let body: JSON = ["source": "s3://memes/in", "stages": ["read"]]
        let end = try await house.end(of: house.send(.post, "/pull", body))
        #expect(end["by_stage"] == ["read": ["done": 1], "describe": ["skipped": 1], "embed": ["skipped": 1]])
        #expect(end["options"]?["stages"] == ["read"])
        #expect(described.count == 0)
        let meme = try #require(try await house.memes.memes.page(status: .ready, before: nil, limit: 10).first)
        let stages = try await house.memes.stages.all(hash: meme.contentHash)
        #expect(stages.last?.detail.contains("left this stage out") == true)

        bucket.replace([object(house, "nothing at all", key: "in/by name.png")])
        let none = try await house.end(of: house.send(.post, "/pull", ["source": "s3://memes/in", "stages": []]))
        #expect(none["by_stage"]?["read"] == ["skipped": 1])
        try await house.memes.readIndex()
        #expect(try await house.found("name").count == 1)
        for wrong: JSON in [["paint"], "read", [5]] {
            #expect(try await house.send(.post, "/pull", ["source": "s3://memes/in", "stages": wrong]).status == 422)
        }
    }
}
