import Kernel
import Lettering

/// Words that stand together on a picture, and what becomes of them.
package struct TranslatedBlock: Sendable, Equatable {
    /// Upright, in pixels of the picture as it is seen.
    package struct Box: Sendable, Equatable {
        package var x: Int
        package var y: Int
        package var width: Int
        package var height: Int

        package init(x: Int, y: Int, width: Int, height: Int) {
            self.x = x
            self.y = y
            self.width = width
            self.height = height
        }
    }

    /// From 0, in the order of reading; it names the block.
    package var id: Int
    package var box: Box
    /// Degrees, clockwise.
    package var angle: Double
    package var order: Int
    /// What was read.
    package var text: String
    /// How sure the reader is, 0 to 1.
    package var confidence: Double
    package var translation: String?
    /// What a person wrote instead.
    package var edited: String?
    /// How sure the translator is, 0 to 1; `nil` where it does not say.
    package var translationConfidence: Double?
    /// What is to be known, such as `overflow`, `unknown_words`, `edited`.
    package var flags: [String] = []
    /// What reading the finished picture again said; `nil` where that was not done, or not with these words.
    package var check: TextCheck?
    /// Whether the picture keeps its own words here.
    package var isSkipped = false
    /// What whoever draws it needs to know beyond that: lines and style, as the engine writes them.
    package var layout: JSON

    package init(
        id: Int,
        box: Box,
        angle: Double = 0,
        order: Int,
        text: String,
        confidence: Double,
        flags: [String] = [],
        layout: JSON = [:],
    ) {
        self.id = id
        self.box = box
        self.angle = angle
        self.order = order
        self.text = text
        self.confidence = confidence
        self.flags = flags
        self.layout = layout
    }

    /// The flag of writing in columns, which is neither translated nor drawn.
    static let verticalText = "vertical_text"

    var isVertical: Bool { flags.contains(Self.verticalText) }

    /// What stands on the picture in the end.
    package var shown: String { isSkipped ? text : edited ?? translation ?? text }

    /// As it is stored.
    var json: JSON {
        [
            "id": JSON(id),
            "box": ["x": JSON(box.x), "y": JSON(box.y), "width": JSON(box.width), "height": JSON(box.height)],
            "angle": JSON(angle), "order": JSON(order), "source_text": JSON(text), "confidence": JSON(confidence),
            "translation": JSON(translation), "edited": JSON(edited),
            "translation_confidence": JSON(translationConfidence),
            "flags": JSON(flags), "skipped": JSON(isSkipped), "layout": layout, "check": check?.json ?? .null,
        ]
    }

    init?(json: JSON) {
        guard let id = json["id"]?.integer, let box = Box(json: json["box"]), let text = json["source_text"]?.string
        else { return nil }
        self.init(
            id: Int(id),
            box: box,
            angle: json["angle"]?.number ?? 0,
            order: json["order"]?.integer.map { Int($0) } ?? Int(id),
            text: text,
            confidence: json["confidence"]?.number ?? 0,
            layout: json["layout"] ?? [:],
        )
        translation = json["translation"]?.string
        edited = json["edited"]?.string
        translationConfidence = json["translation_confidence"]?.number
        flags = json["flags"]?.array?.compactMap(\.string) ?? []
        isSkipped = json["skipped"]?.bool ?? false
        check = json["check"].flatMap(TextCheck.init(json:))
    }
}

extension TextCheck {
    fileprivate var json: JSON {
        [
            "source_letters": JSON(sourceLetters), "residue": JSON(residue), "letters": JSON(letters),
            "errors": JSON(errors),
        ]
    }

    fileprivate init?(json: JSON) {
        let numbers = ["source_letters", "residue", "letters", "errors"].compactMap {
            json[$0]?.integer.map { Int($0) }
        }
        guard numbers.count == 4 else { return nil }
        self.init(sourceLetters: numbers[0], residue: numbers[1], letters: numbers[2], errors: numbers[3])
    }
}

extension TranslatedBlock.Box {
    fileprivate init?(json: JSON?) {
        let numbers = ["x", "y", "width", "height"].compactMap { json?[$0]?.integer.map { Int($0) } }
        guard numbers.count == 4 else { return nil }
        self.init(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
    }
}
