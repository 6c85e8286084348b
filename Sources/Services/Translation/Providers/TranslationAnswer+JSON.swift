import Kernel

extension TranslationAnswer {
    /// As it is remembered.
    var json: JSON {
        [
            "texts": JSON(
                texts.map {
                    ["text": JSON($0.text), "confidence": JSON($0.confidence), "flags": JSON($0.flags)] as JSON
                }
            ),
            "source": JSON(source), "model": JSON(model), "flags": JSON(flags),
        ]
    }

    init?(json: JSON) {
        guard let texts = json["texts"]?.array else { return nil }
        self.init(
            texts: texts.compactMap { item in
                guard let text = item["text"]?.string else { return nil }
                let flags = item["flags"]?.array?.compactMap(\.string) ?? []
                return Text(text, confidence: item["confidence"]?.number, flags: flags)
            },
            source: json["source"]?.string,
            model: json["model"]?.string,
            flags: json["flags"]?.array?.compactMap(\.string) ?? [],
        )
    }
}
