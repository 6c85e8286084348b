import Foundation
import Glibc
import Kernel
import TestSupport
import Testing

/// Pictures translated with no key and no network, through the real program.
@Suite(.timeLimit(.minutes(5))) struct TranslationJourneyTests {
    @Test func aSignInSpanishWithoutAServer() async throws {
        let folder = try await drawnSign()
        let command = [
            binary, "translate", "\(folder.path)/sign.png", "--to", "Spanish", "-o", "\(folder.path)/letrero.png",
            "--clean", "\(folder.path)/clean.png", "--data", "\(folder.path)/data",
        ]
        let answer = try await runProgram(command)
        #expect(answer.code == 0, "\(answer.output)")
        #expect(answer.output.contains("seven green apples"))
        #expect(answer.output.contains("manzanas verdes"), "apt-get install apertium-eng-spa\n\(answer.output)")
        let pictures = try ["sign", "letrero", "clean"].map { name in
            try Data(contentsOf: URL(filePath: "\(folder.path)/\(name).png"))
        }
        #expect(Set(pictures).count == 3)
        #expect(pictures.allSatisfy { $0.starts(with: [0x89, 0x50, 0x4E, 0x47]) })
        let impossible = try await runProgram(
            [binary, "translate", "\(folder.path)/sign.png", "--to", "Vietnamese", "--data", "\(folder.path)/data"]
        )
        #expect(impossible.code == 1)
        #expect(impossible.output.contains("gemini"), "it says who could: \(impossible.output)")
    }

    /// In a namespace that has no network but an unused loopback.
    @Test func nothingOfTheNetworkIsNeeded() async throws {
        let folder = try await drawnSign()
        var namespace: [String]?
        for way in ["-Urn", "-n"] where namespace == nil {
            let line = ["/usr/bin/unshare", way]
            if try await runProgram(line + ["/bin/true"]).code == 0 { namespace = line }
        }
        let line = try #require(namespace, "It needs unshare (Debian package util-linux) and user namespaces or root.")
        let answer = try await runProgram(
            line + [
                binary, "translate", "\(folder.path)/sign.png", "--to", "Spanish", "--provider", "embedded", "-o",
                "\(folder.path)/letrero.png", "--data", "\(folder.path)/data",
            ]
        )
        #expect(answer.code == 0 && answer.output.contains("manzanas verdes"), "\(answer.output)")
    }

    /// `sign.png` as an archive of two with a note, a document, a photo of a phone in a folder with an animation.
    private func wrapped() async throws -> TemporaryFolder {
        let folder = try await drawnSign()
        let script = """
            import os, sys, zipfile
            from PIL import Image
            os.chdir(sys.argv[1])
            sign = Image.open("sign.png")
            with zipfile.ZipFile("comic.cbz", "w") as archive:
                archive.write("sign.png", "pages/10.png")
                archive.write("sign.png", "pages/9.png")
                archive.writestr("note.txt", "no picture")
            sign.save("menu.pdf", resolution=200)
            os.makedirs("signs/deep")
            sign.save("signs/photo.avif", quality=95)
            sign.save("signs/deep/photo.gif", save_all=True, append_images=[Image.new("RGB", sign.size)])
            """
        let program = ["\(repositoryRoot)/.pictor/venv/bin/python3", "-B", "-c", script, folder.path]
        let made = try await runProgram(program)
        try #require(made.code == 0, "\(made.output)")
        return folder
    }

    @Test func archivesDocumentsAndFoldersWithoutAServer() async throws {
        let folder = try await wrapped()
        func translate(_ words: [String]) async throws -> (code: Int32, output: String) {
            let line = [binary, "translate", "--to", "Spanish", "--data", "\(folder.path)/data"] + words
            let answer = try await runProgram(line, folder: folder.path)
            return (answer.code, answer.output)
        }
        let comic = try await translate(["comic.cbz"])
        #expect(comic.code == 0, "\(comic.output)")
        #expect(comic.output.contains("note.txt is left out"))
        #expect(comic.output.contains("comic.spanish.cbz: 2 translated"))
        let entries = try await runProgram(
            ["/usr/bin/python3", "-m", "zipfile", "-l", "\(folder.path)/comic.spanish.cbz"]
        )
        #expect(entries.output.contains("pages/9.png") && entries.output.contains("pages/10.png"), "\(entries.output)")
        let all = try await translate(["menu.pdf", "signs", "-o", "out", "--json"])
        #expect(all.code == 0, "\(all.output)")
        let start = try #require(all.output.firstIndex(of: "{"))
        let report = try JSON(parsing: Array(all.output[start...].utf8))
        let pictures = report["pictures"]?.array ?? []
        #expect(pictures.map { $0["output"]?.string } == ["out/menu-1.png", "out/deep/photo.png", "out/photo.png"])
        for picture in pictures {
            let text = picture["blocks"]?.array?.first?["translation"]?.string
            #expect(text?.contains("manzanas verdes") == true, "\(picture.text)")
            let path = "\(folder.path)/\(picture["output"]?.string ?? "")"
            #expect(try Data(contentsOf: URL(filePath: path)).starts(with: [0x89, 0x50, 0x4E, 0x47]))
        }
        let isAnimation = pictures.map { $0["flags"]?.array?.contains("first_only") == true }
        #expect(isAnimation == [false, true, false])
        let unclear = try await translate(["menu.pdf", "signs"])
        #expect(unclear.code == 64)
        #expect(unclear.output.contains("-o FOLDER"), "\(unclear.output)")
    }

    @Test func archivesDocumentsAndPhotosOverHTTP() async throws {
        let folder = try await wrapped()
        let server = try await RunningServer()
        let script = """
            set -euo pipefail
            curl -sS -m 60 "\(server.url)/api/v1/translate" -F files=@comic.cbz -F files=@menu.pdf \
              -F files=@signs/photo.avif -F target_language=es > begun.json
            task_id=$(sed 's/.*"task_id":"\\([^"]*\\)".*/\\1/' begun.json)
            seq=0
            for poll in 1 2 3 4 5 6; do
              curl -sS -m 90 "\(server.url)/api/v1/translate/result/$task_id?since=$seq" > result.json
              grep -q '"success":true' result.json && break
              seq=$(sed 's/.*"seq":\\([0-9]*\\).*/\\1/' result.json)
            done
            cat result.json
            """
        let answer = try await runProgram(["/bin/bash", "-c", script], folder: folder.path)
        let result = try JSON(parsing: Array(answer.output.utf8))
        let pictures = result["partial_results"]?.array ?? []
        let names = pictures.map { $0["file_name"]?.string }
        #expect(names == ["pages/9.png", "pages/10.png", "menu-1.png", "photo.avif"], "\(answer.output)")
        for picture in pictures {
            #expect(picture["translated_text"]?.string?.contains("manzanas verdes") == true, "\(picture.text)")
        }
    }

    /// All read whole at once would take 50 MB; three fit into what is allowed.
    @Test func tenLargePicturesSentAtOnceKeepMemoryFlat() async throws {
        let folder = try TemporaryFolder()
        let server = try await RunningServer(arguments: ["--no-workers"])
        let script = """
            import os, sys
            from PIL import Image
            Image.frombytes("RGB", (1300, 1300), os.urandom(1300 * 1300 * 3)).save(sys.argv[1] + "/noise.png")
            """
        let drawing = try await runProgram(
            ["\(repositoryRoot)/.pictor/venv/bin/python3", "-B", "-c", script, folder.path]
        )
        try #require(drawing.code == 0, "\(drawing.output)")
        func send(_ count: Int) async throws -> String {
            let lines = """
                seq \(count) | xargs -P \(count) -I{} curl -sS -m 100 -o /dev/null -w '%{http_code} ' \
                  "\(server.url)/api/v1/translate" -F file=@noise.png -F target_language=es
                """
            return try await runProgram(["/bin/bash", "-c", lines], folder: folder.path).output
        }
        _ = try await send(1)
        let before = try mostMemory(of: server.processID)
        let answers = try await send(10)
        #expect(answers.split(separator: " ") == Array(repeating: "200", count: 10), "\(answers)")
        let after = try mostMemory(of: server.processID)
        #expect(after - before < 20_000, "\(before) kB, then \(after) kB")
    }

    /// In kB, since the process began.
    private func mostMemory(of process: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    }

    /// The lines of the original's page, word for word but for the address and the language.
    @Test func theOriginalsOwnLines() async throws {
        let folder = try await drawnSign()
        let server = try await RunningServer()
        for name in ["test.jpg", "image1.jpg", "image2.jpg"] {
            try FileManager.default.copyItem(atPath: "\(folder.path)/sign.png", toPath: "\(folder.path)/\(name)")
        }
        let lines = #"""
            set -euo pipefail
            curl -sS -m 60 -X POST "http://localhost:8000/api/v1/translate" \
              -F "file=@test.jpg" -F "target_language=Spanish" > one.json
            curl -sS -m 60 -X POST "http://localhost:8000/api/v1/translate" \
              -F "files=@image1.jpg" -F "files=@image2.jpg" -F "target_language=Spanish" > two.json
            task_id=$(sed 's/.*"task_id":"\([^"]*\)".*/\1/' one.json)
            curl -sS -m 90 "http://localhost:8000/api/v1/translate/result/$task_id" > result.json
            curl -sS -m 60 http://localhost:8000/stats > stats.json
            curl -sS -m 60 http://localhost:8000/health > health.json
            curl -sS -m 60 -X POST "http://localhost:8000/api/v1/translate" \
              -F "file=@test.jpg" -F "target_language=Vietnamese" > refused.json
            """#
        let script = lines.replacing("http://localhost:8000", with: server.url)
        let answer = try await runProgram(["/bin/bash", "-c", script], folder: folder.path)
        try #require(answer.code == 0, "\(answer.output)\n\(server.output)")
        func json(_ name: String) throws -> JSON {
            try JSON(parsing: Array(Data(contentsOf: URL(filePath: "\(folder.path)/\(name).json"))))
        }
        let result = try json("result")
        #expect(result["status"] == "completed", "\(result.text)")
        let text = result["partial_results"]?.array?.first?["translated_text"]?.string
        #expect(text?.contains("manzanas verdes") == true, "\(text ?? "nothing")")
        #expect(try json("one")["status"] == "pending")
        #expect(try json("two")["task_id"] != nil)
        #expect(try json("stats")["workers"]?["cluster_max_workers"] == 1000)
        #expect(try json("health")["api_keys_count"] == 0)
        #expect(try json("refused")["code"] == "unsupported_pair")
        #expect(try json("refused")["detail"]?.string?.contains("gemini") == true)
    }

    @Test func whatWasAcknowledgedSurvivesAKill() async throws {
        let folder = try await drawnSign()
        let data = "\(folder.path)/data"
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        let server = try await RunningServer(data: data)
        let begun = try await Client(server, token: nil).translate(try sign(in: folder))
        let id = try #require(begun.json["task_id"]?.string, "\(begun.text)")
        server.send(SIGKILL)
        await server.exitCode()
        let next = try await RunningServer(data: data, environment: ["PICTOR_JOBS_LEASE": "3s"])
        let client = Client(next, token: nil)
        let state = try await client.finished(translation: id)
        #expect(state["status"] == "completed", "\(state.text)")
        #expect(state["seq"] == 1)
    }
}
