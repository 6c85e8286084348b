import Kernel
import TestSupport
import Testing

@testable import Memes

/// Manifests as others write them.
@Suite(.timeLimit(.minutes(5))) struct ManifestTests {
    private func items(_ text: String, _ kind: PackManifest.Kind) throws -> [PackItem] {
        try PackManifest(Array(text.utf8), kind).items
    }

    @Test func everyKindSaysTheSame() throws {
        var wanted = PackItem(file: "a.png", name: "cat, \"sad\".png", libraries: ["cats", "all"])
        wanted.texts = [
            MemeText(.title, ["Two\nlines"], by: .human), MemeText(.keywords, ["cat", "monday mood"], by: .human),
        ]
        let json = #"""
            {"file": "a.png", "name": "cat, \"sad\".png", "title": "Two\nlines", "tags": ["cat", "monday mood"],
            "libraries": ["cats", "all"]}
            """#
        #expect(try items("[\(json)]", .json) == [wanted])
        let line = json.replacing("\n", with: " ")
        #expect(try items("\(line)\n\n\(line)\r\n", .jsonl) == [wanted, wanted])
        let table =
            "\u{FEFF}File,name,title,tags,libraries\r\na.png,\"cat, \"\"sad\"\".png\",\"Two\nlines\",cat; monday mood,cats;all\r\n"
        #expect(try items(table, .csv) == [wanted])
    }

    @Test func aFileNeedsNothingButItsPath() throws {
        #expect(try items("file\n./sub/a.png\n\n", .csv) == [PackItem(file: "sub/a.png", name: "a.png")])
    }

    @Test(arguments: [
        ("name\na.png\n", PackManifest.Kind.csv, "column 'file'"), ("file\na.png,b\n", .csv, "Line 2"),
        ("file\n\"a.png\n", .csv, "quote"), ("{\"file\": \"a\"}\nnonsense", .jsonl, "Line 2"),
        ("[{\"file\": \"a\", \"tags\": 5}]", .json, "Meme 1: tags"), ("[{\"name\": \"a\"}]", .json, "no 'file'"),
        ("[{\"file\": \"a\", \"emotions\": [\"blorb\"]}]", .json, "emotions are some of"),
        (
            "[{\"file\": \"a\", \"texts\": [{\"field\": \"x\", \"by\": \"human\", \"values\": []}]}]", .json,
            "known 'field'",
        ),
        ("[{\"file\": \"a\", \"library\": \"\"}]", .json, "names of libraries"), ("5", .json, "no list"),
        ("{\"format\": \"other\", \"memes\": []}", .json, "not known"), ("", .csv, "names no file"),
    ])
    func whatIsWrongIsSaidWithItsPlace(text: String, kind: PackManifest.Kind, part: String) {
        let error = #expect(throws: PackError.self) { try items(text, kind) }
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }

    @Test func tooMuchOfAnythingIsRefused() {
        let long = String(repeating: "x", count: 2001)
        let many = Array(repeating: "x", count: 65)
        for item: JSON in [
            ["file": "a", "title": JSON(long)], ["file": "a", "tags": JSON(many)],
            ["file": "a", "libraries": JSON(many)],
            ["file": "a", "name": JSON(long)],
        ] {
            #expect(throws: PackError.self) { try PackManifest(JSON([item]).bytes, .json) }
        }
    }

    @Test func filesBesideAManifestAreTakenAndNoOthers() async throws {
        let house = try await MemeHouse(hasReader: false, hasWorker: false) { $0.maxFileBytes = 100_000 }
        let text = "file,tags\na.png,cat\n../secret.png,\n/etc/passwd,\ngone.png,\nhuge.png,\n"
        let asked = Tally()
        let report = try await house.memes.importPack(
            manifest: Array(text.utf8),
            named: "memes.CSV",
            into: "shelf",
            read: { file, _ in
                asked.add()
                switch file {
                case "a.png": return .bytes(PNG.scene(1).bytes)
                case "huge.png": return .tooLarge
                default: return .missing
                }
            },
            progress: { _, _ in },
        )
        #expect(report.added == 1 && report.refused == 4)
        #expect(asked.count == 3)
        #expect(
            report.problems.filter { $0.message.contains("outside") }.map(\.file) == ["../secret.png", "/etc/passwd"]
        )
        #expect(try await house.catalogue().values.first?[1] == "[\"shelf\"]")
    }
}
