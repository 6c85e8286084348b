import Kernel

/// The words on a picture, for whoever searches them and for whoever highlights them.
package struct PictureReading: Sendable, Equatable {
    /// A word with its place.
    package struct Word: Sendable, Equatable {
        package let text: String
        /// Left, top, width and height in pixels of the upright picture.
        package let box: [Int]
        /// 0 to 100.
        package let confidence: Double
        package let line: Int

        package init(text: String, box: [Int], confidence: Double, line: Int) {
            self.text = text
            self.box = box
            self.confidence = confidence
            self.line = line
        }
    }

    package let words: [Word]
    /// Of the upright picture, in pixels.
    package let width: Int
    package let height: Int

    package init(words: [Word], width: Int, height: Int) {
        self.words = words
        self.width = width
        self.height = height
    }

    /// All words, in the order they are read.
    var text: String { words.map(\.text).joined(separator: " ") }

    /// The mean confidence, 0 to 1; `nil` without words.
    var confidence: Double? {
        words.isEmpty ? nil : words.reduce(0) { $0 + $1.confidence } / Double(words.count) / 100
    }

    var json: JSON {
        [
            "width": JSON(width), "height": JSON(height),
            "words": JSON(
                words.map { word -> JSON in
                    [
                        "text": JSON(word.text), "box": JSON(word.box.map { JSON($0) }),
                        "confidence": JSON(word.confidence), "line": JSON(word.line),
                    ]
                }
            ),
        ]
    }

    /// Reads what ``json`` wrote.
    init?(json: JSON?) {
        guard let json, let words = json["words"]?.array, let width = json["width"]?.integer,
            let height = json["height"]?.integer
        else { return nil }
        self.init(words: words.compactMap(Word.init(json:)), width: Int(width), height: Int(height))
    }
}

extension PictureReading.Word {
    fileprivate init?(json: JSON) {
        guard let text = json["text"]?.string, let box = json["box"]?.array, box.count == 4 else { return nil }
        self.init(
            text: text,
            box: box.map { Int($0.integer ?? 0) },
            confidence: json["confidence"]?.number ?? 0,
            line: Int(json["line"]?.integer ?? 0),
        )
    }
}

/// What reads words on pictures.
package struct PictureReader: Sendable {
    /// Names the engine, its languages and passes; pictures read by another version are read again.
    package let version: String
    /// Gets the whole file. A ``Kernel/Failure`` that is permanent gives the picture up.
    package let read: @Sendable ([UInt8]) async throws -> PictureReading

    package init(version: String, read: @escaping @Sendable ([UInt8]) async throws -> PictureReading) {
        self.version = version
        self.read = read
    }
}

/// What says what a picture is about.
package struct PictureDescriber: Sendable {
    /// Names the model and the prompt.
    package let version: String
    /// Gets the whole file and its MIME type; gives texts of the provenance `vlm`.
    package let describe: @Sendable ([UInt8], _ mimeType: String) async throws -> [MemeText]

    package init(
        version: String,
        describe: @escaping @Sendable ([UInt8], _ mimeType: String) async throws -> [MemeText],
    ) {
        self.version = version
        self.describe = describe
    }
}
