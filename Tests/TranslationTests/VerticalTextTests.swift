import HTTPServer
import Imaging
import Kernel
import Lettering
import Testing

@testable import Translation

/// Writing in columns is left as it is, and said so.
@Suite(.timeLimit(.minutes(5))) struct VerticalTextTests {
    private func result(
        _ sign: DrawnSign,
        _ fields: [(String, String)] = [("target_language", "es")],
    ) async throws -> (picture: JSON, house: TranslationHouse, address: String) {
        let words = WordList(words: ["no": "no", "smoking": "fumar", "here": "aquí"])
        let house = try await TranslationHouse(providers: [words], letterer: chineseLetterer.value)
        let answer = try await house.translate([("sign.png", sign.file)], fields)
        let address = "/api/v1/translate/result/\(try #require(answer.json["task_id"]?.string))"
        let result = try await house.finished(address)
        return (try #require(result["partial_results"]?.array?.first), house, address)
    }

    @Test func aPictureOfNothingElseFailsWithWhatToDo() async throws {
        let (picture, _, _) = try await result(DrawnSign(column: "请勿吸烟注意安全"))
        #expect(picture["status"] == "failed" && picture["error_code"] == "vertical_text", "\(picture)")
        #expect(picture["error"]?.string?.contains("set in lines") == true)
    }

    @Test func linesBesideAColumnAreTranslatedAndItStays() async throws {
        let sign = try await DrawnSign(column: "请勿吸烟注意安全", lines: ["No smoking here"])
        let (picture, house, address) = try await result(sign)
        #expect(picture["status"] == "completed", "\(picture)")
        #expect(picture["flags"]?.array?.contains("vertical_text") == true)
        let blocks = try #require(picture["blocks"]?.array)
        #expect(blocks.map { $0["flags"]?.array?.contains("vertical_text") } == [false, true])
        #expect(blocks.first?["translation"] == "no fumar aquí")
        #expect(blocks.last?["skipped"] == true)
        let change: JSON = ["blocks": [["id": blocks.last?["id"] ?? 0, "translation": "Prohibido"]]]
        let refused = try await house.send(.patch, "\(address)/images/0/blocks", change)
        #expect(refused.status == 422 && refused.text.contains("column"), "\(refused.text)")
        let source = try #require(picture["image_url"]?.string).trimmingPrefix("http://translation.test")
        let file = try await house.get(String(source)).body
        let pixels = try Bitmap.decode(file, before: Deadline(after: .seconds(60)))
        let differs = stride(from: 0, to: pixels.pixels.count, by: 3).contains { at in
            at / 3 % DrawnSign.size.width >= 560 && pixels.pixels[at..<at + 3] != sign.pixels.pixels[at..<at + 3]
        }
        #expect(!differs, "no pixel of the column changed")
    }

    @Test func aStrictTaskFails() async throws {
        let sign = try await DrawnSign(column: "请勿吸烟注意安全", lines: ["No smoking here"])
        let (picture, _, _) = try await result(sign, [("target_language", "es"), ("strict", "true")])
        #expect(picture["error_code"] == "check_failed" && picture["error"]?.string?.contains("vertical_text") == true)
    }
}
