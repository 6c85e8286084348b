import Foundation
import Kernel
import TestSupport
import Testing

/// A folder with `sign.png`, on which "seven green apples" stands.
func drawnSign() async throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let program = [
        "\(repositoryRoot)/.pictor/venv/bin/python3", "-B", "\(repositoryRoot)/Tests/LetteringTests/pictures.py",
    ]
    let drawing = try await runProgram(program + [folder.path])
    try #require(drawing.code == 0, "\(drawing.output)\nIs script/setup --test done?")
    return folder
}

/// The bytes of `sign.png` there.
func sign(in folder: TemporaryFolder) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: "\(folder.path)/sign.png")))
}

extension Client {
    /// Has a picture translated into Spanish; `fields` are other wishes.
    func translate(_ picture: [UInt8], fields: JSON = [:], headers: [String: String] = [:]) async throws -> Answer {
        let body: JSON = ["target_language": "es", "images": [["data": JSON(picture.base64), "name": "sign.png"]]]
        return try await send(
            "POST",
            "/api/v1/translate",
            headers: headers.merging(["Content-Type": "application/json"]) { $1 },
            body: body.merging(fields).bytes,
        )
    }

    /// Polls a translation with a cursor until it is finished.
    func finished(translation id: String) async throws -> JSON {
        var seq: Int64 = 0
        while true {
            let answer = try await get("/api/v1/translate/result/\(id)?since=\(seq)")
            guard answer.status == 200 else { throw NotAccepted(answer: answer.text, status: answer.status) }
            if answer.json["success"] != .null { return answer.json }
            seq = answer.json["seq"]?.integer ?? 0
        }
    }
}
