import Imaging

/// One picture being read, on the thread that does it.
struct Reading {
    private let tesseract: Tesseract
    private let limits: OCREngine.Limits
    private let stop: ReadingStop

    init(_ tesseract: Tesseract, limits: OCREngine.Limits, stop: ReadingStop) {
        self.tesseract = tesseract
        self.limits = limits
        self.stop = stop
    }

    func read(_ bytes: [UInt8], mode: OCREngine.Mode) throws -> Recognition {
        let frames = try limits.image.inspect(bytes).frames
        switch mode {
        case .recall: return try union(bytes, frames: frames > 2 ? [0, frames / 2] : [0])
        case .layout: return try layout(bytes)
        }
    }

    private func union(_ bytes: [UInt8], frames: [Int]) throws -> Recognition {
        var union = WordUnion()
        var size = PixelSize(width: 0, height: 0)
        var lines = 0
        for frame in frames {
            try open(bytes, frame: frame) { picture in
                size = picture.size
                for pass in ReadingPass.all {
                    let words = try read(picture, pass, firstLine: lines)
                    lines = (words.last?.line ?? lines - 1) + 1
                    union.add(words)
                    if pass.isComplete, ReadingQuality(words).isGood { break }
                }
            }
        }
        return Recognition(words: union.words, width: size.width, height: size.height)
    }

    private func layout(_ bytes: [UInt8]) throws -> Recognition {
        try open(bytes, frame: 0) { picture in
            var reading = LayoutReading(tesseract, limits: limits, stop: stop)
            return try reading.read(picture)
        }
    }

    private func open<Value>(
        _ bytes: [UInt8],
        frame: Int,
        _ body: (borrowing ReadablePicture) throws -> Value,
    ) throws -> Value {
        try stop.check()
        return try ReadablePicture.open(
            bytes,
            frame: frame,
            limits: limits.image,
            maxPixels: limits.pixels,
            before: stop.deadline,
            body,
        )
    }

    private func read(
        _ picture: borrowing ReadablePicture,
        _ pass: ReadingPass,
        firstLine: Int,
    ) throws -> [RecognizedWord] {
        try stop.check()
        let sheet = try picture.sheet(pass.ink, enlargement: pass.enlargement, maxPixels: limits.enlargedPixels)
        let words = tesseract.read(sheet, pass.segmentation, pass: pass.name, firstLine: firstLine, stop: stop)
        try stop.check()
        return words.filter { $0.confidence >= pass.leastConfidence && !letters($0.text).isEmpty }
    }
}

/// How well a pass read.
struct ReadingQuality {
    /// Whether further passes would hardly find more.
    let isGood: Bool

    init(_ words: [RecognizedWord]) {
        let sum = words.reduce(0) { $0 + $1.confidence }
        isGood = words.count >= 4 && sum >= 85 * Double(words.count)
    }
}
