import Archives
import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Memes

/// Packs of others, good and bad.
@Suite(.timeLimit(.minutes(5))) struct StrangePackTests {
    private func house(_ change: (inout MemesSettings) -> Void = { _ in }) async throws -> MemeHouse {
        try await MemeHouse(hasReader: false, hasWorker: false, change: change)
    }

    private func messages(_ answer: Answer) -> [String: String] {
        let problems = answer.json["data"]?["problems"]?.array ?? []
        return Dictionary(problems.map { ($0["file"]?.string ?? "", $0["message"]?.string ?? "") }) { $1 }
    }

    @Test func aPlainArchiveGivesItsPictures() async throws {
        let house = try await house { $0.maxFileBytes = 200_000 }
        let answer = try await house.sendPack(
            zipped([
                ("cats/sad cat.png", PNG.scene(1).bytes), ("cats/copy.png", PNG.scene(1).bytes),
                ("dog.png", PNG.scene(2).bytes), ("notes.txt", Array("no picture".utf8)),
                ("inner.zip", zipped([("a.png", PNG.scene(3).bytes)])),
                ("big.png", [UInt8](repeating: 1, count: 300_000)),
                ("__MACOSX/._dog.png", [1]), ("cats/.DS_Store", [1]), ("Thumbs.db", [1]),
            ]),
            library: "mixed",
        )
        let data = answer.json["data"]
        #expect(data?["added"] == 2 && data?["known"] == 1 && data?["ignored"] == 3 && data?["refused"] == 3)
        let messages = messages(answer)
        #expect(Set(messages.keys) == ["notes.txt", "inner.zip", "big.png"])
        #expect(messages["inner.zip"]?.contains("archive within an archive") == true)
        #expect(messages["big.png"]?.contains("too large") == true)
        let rows = try await house.catalogue()
        // Of two equal pictures the first gives the name.
        #expect(rows.count == 2)
        #expect(Set(rows.values.map { $0[0] }) == ["sad cat.png", "dog.png"])
        #expect(rows.values.allSatisfy { $0[1] == "[\"mixed\"]" })
    }

    @Test func aManifestSaysWhatCountsAndWhatItMustBe() async throws {
        let manifest: JSON = [
            "memes": [
                ["file": "a.png", "name": "tired cat.png", "tags": ["cat"], "emotions": ["sleepy"], "library": "cats"],
                ["file": "b.png", "sha256": JSON(String(repeating: "0", count: 64))],
                ["file": "gone.png"],
            ]
        ]
        let house = try await house()
        let answer = try await house.sendPack(
            zipped([
                ("my pack/manifest.json", manifest.bytes), ("my pack/a.png", PNG.scene(1).bytes),
                ("my pack/b.png", PNG.scene(2).bytes), ("my pack/not named.png", PNG.scene(3).bytes),
            ])
        )
        let data = answer.json["data"]
        #expect(data?["added"] == 1 && data?["ignored"] == 1 && data?["refused"] == 2, "\(answer.text)")
        #expect(messages(answer)["b.png"]?.contains("SHA-256") == true)
        #expect(messages(answer)["my pack/gone.png"]?.contains("no such file") == true)
        let row = try #require(try await house.catalogue().values.first)
        #expect(row[0] == "tired cat.png")
        #expect(row[1] == "[\"cats\"]")
        #expect(row.contains("keywords human [\"cat\"] -1.0"))
        #expect(row.contains { $0.hasPrefix("emotions human [\"tired\"]") })
    }

    @Test func thePackOfACommunityLibraryIsUnderstood() async throws {
        let picture = PNG.scene(1).bytes
        let manifest: JSON = [
            "name": "Community", "author": "someone", "version": "2",
            "contents": [
                "images": [
                    "files": [
                        "tired-on monday": [
                            "filepath": "images/1.png", "hash": JSON(Digest.sha256(picture).hexadecimal),
                        ],
                        "other.png": ["filepath": "images/2.png", "hash": "00"],
                    ]
                ]
            ],
        ]
        let house = try await house()
        let files = [
            ("manifest.json", manifest.bytes), ("images/1.png", picture), ("images/2.png", PNG.scene(2).bytes),
        ]
        let answer = try await house.sendPack(zipped(files))
        #expect(answer.json["data"]?["added"] == 1 && answer.json["data"]?["refused"] == 1, "\(answer.text)")
        #expect(try await house.catalogue().values.first?[0] == "tired-on monday.png")
        let library = try #require(try await house.memes.libraries.find(name: "Community"))
        #expect(library.author == "someone" && library.version == "2")
    }

    @Test func whatIsWrongAsAWholeTakesNothing() async throws {
        let house = try await house {
            $0.pack.maxMemes = 3
            $0.pack.maxUnpackedBytes = 1_048_576
            $0.maxFileBytes = 1_048_576
        }
        let good = CraftedZIP.Entry("good.png", PNG.scene(1).bytes)
        var secret = CraftedZIP.Entry("secret.png", Array(repeating: 7, count: 40))
        secret.flags = 1
        let many = (0..<4).map { ("\($0).png", PNG.scene($0).bytes) }
        let cases: [(archive: [UInt8], status: Int, code: String)] = [
            (Array("no archive".utf8), 415, "not_an_archive"), ([], 415, "not_an_archive"),
            (CraftedZIP([good, secret]).bytes, 422, "archive_encrypted"),
            (CraftedZIP([good, .init("../evil.png")]).bytes, 422, "archive_unsafe_name"),
            (zipped(many), 413, "archive_too_many_entries"),
            (zipped([("manifest.json", Array("{".utf8))]), 422, "bad_manifest"),
            (
                zipped([("manifest.json", Array("{\"format\":\"pictor-pack\",\"version\":2}".utf8))]), 422,
                "bad_manifest",
            ),
            (zipped([("manifest.json", Array("[]".utf8))]), 422, "bad_manifest"),
            (zipped([(".hidden", [1])]), 422, "no_pictures"),
        ]
        for (archive, status, code) in cases {
            let answer = try await house.sendPack(archive)
            #expect(answer.status == status, "\(code): \(answer.text)")
            #expect(answer.json["error_code"]?.string == code)
        }
        #expect(try await house.catalogue().isEmpty)
        let form = try await house.send(.post, "/pack", ["file": "x"])
        #expect(form.status == 415)
    }

    @Test func aDamagedFileKeepsNoOtherFromBeingTaken() async throws {
        let house = try await house()
        var broken = CraftedZIP.Entry("broken.png", PNG.scene(2).bytes)
        broken.checksum = 5
        let good = CraftedZIP.Entry("good.png", PNG.scene(1).bytes)
        let answer = try await house.sendPack(CraftedZIP([broken, good]).bytes)
        #expect(answer.json["data"]?["added"] == 1, "\(answer.text)")
        #expect(Array(messages(answer).keys) == ["broken.png"])
    }

    @Test func anAnimationOfTooManyFramesIsRefused() async throws {
        func animation(_ frames: Int) -> [UInt8] {
            let head: [UInt8] = Array("GIF89a".utf8) + [1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255]
            let frame: [UInt8] = [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]
            return head + Array(repeating: frame, count: frames).joined() + [0x3B]
        }
        let house = try await house()
        let files = [("fits.gif", animation(100)), ("bomb.gif", animation(10_000)), ("more.gif", animation(101))]
        let answer = try await house.sendPack(zipped(files))
        #expect(answer.json["data"]?["added"] == 1, "\(answer.text)")
        #expect(Set(messages(answer).keys) == ["bomb.gif", "more.gif"])
    }

    @Test func aBombIsStoppedWhileItIsUnpacked() async throws {
        let house = try await house { $0.pack.maxUnpackedBytes = 2_000_000 }
        let zeros = [UInt8](repeating: 0, count: 4 << 20)
        #expect(
            try await house.sendPack(zipped([("a.png", zeros)], deflates: true)).json["error_code"] == "archive_ratio"
        )
        let noise = (0..<1_200_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7 ^ $0 >> 3) }
        let two = try await house.sendPack(zipped([("a.png", noise), ("b.png", noise)]))
        #expect(two.json["error_code"] == "archive_too_large")
    }

    @Test func aPackThatIsTooLargeIsRefusedBeforeItIsOpened() async throws {
        let house = try await house { $0.pack.maxFileBytes = 1000 }
        let answer = try await house.sendPack(zipped([("a.png", [UInt8](repeating: 5, count: 2000))]))
        #expect(answer.status == 413)
        #expect(answer.json["error_code"] == "pack_too_large")
    }
}
