import Kernel
import OCR

extension Recognition {
    /// The mean confidence, 0 to 1; `nil` without words.
    var confidence: Double? {
        words.isEmpty ? nil : words.reduce(0) { $0 + $1.confidence } / Double(words.count) / 100
    }

    /// As it is kept: what highlights words on the picture.
    var json: JSON {
        [
            "width": JSON(width), "height": JSON(height),
            "words": JSON(
                words.map { word -> JSON in
                    let box = [word.box.x, word.box.y, word.box.width, word.box.height]
                    return [
                        "text": JSON(word.text), "box": JSON(box.map { JSON($0) }),
                        "confidence": JSON(word.confidence), "line": JSON(word.line), "pass": JSON(word.pass),
                    ]
                }
            ),
        ]
    }

    /// Reads what ``json`` wrote.
    init?(json: JSON?) {
        guard let words = json?["words"]?.array, let width = json?["width"]?.integer,
            let height = json?["height"]?.integer
        else { return nil }
        self.init(words: words.compactMap(RecognizedWord.init(json:)), width: Int(width), height: Int(height))
    }
}

extension RecognizedWord {
    fileprivate init?(json: JSON) {
        guard let text = json["text"]?.string, let box = json["box"]?.array?.compactMap(\.integer), box.count == 4
        else { return nil }
        self.init(
            text: text,
            box: WordBox(x: Int(box[0]), y: Int(box[1]), width: Int(box[2]), height: Int(box[3])),
            confidence: json["confidence"]?.number ?? 0,
            line: Int(json["line"]?.integer ?? 0),
            pass: json["pass"]?.string ?? "",
        )
    }
}
