import Kernel
import MemeSearch
import OCR
import Web

/// Places on a picture, drawn over it so that they grow and shrink with it.
struct WordMarks: Sendable, Equatable {
    /// Of the picture in which the boxes are measured.
    let width: Int
    let height: Int
    private(set) var boxes: [WordBox] = []

    /// The words of a reading that answer a search. `words` are folded, as searches tell them; of Chinese, Japanese and
    /// Korean they are two neighbours at a time.
    init(_ reading: Recognition, answering words: [String]) {
        let wanted = Set(words)
        self.init(reading) { word in
            TextFolding.folded(word.text).split(separator: " ").contains { part in
                // Tesseract cuts lines without spaces anywhere, so either may be a part of the other.
                let isCut = part.unicodeScalars.first.map { $0.value >= 0x3000 } ?? false
                return wanted.contains(String(part))
                    || isCut && words.contains { part.contains($0) || $0.contains(part) }
            }
        }
    }

    /// Every word that was read with some certainty.
    init(all reading: Recognition) { self.init(reading) { $0.confidence >= 60 } }

    /// Several passes find the same word: the surest one stands for the place.
    private init(_ reading: Recognition, where isWanted: (RecognizedWord) -> Bool) {
        (width, height) = (reading.width, reading.height)
        for word in reading.words.filter(isWanted).sorted(by: { $0.confidence > $1.confidence })
        where !boxes.contains(where: { $0.covers(word.box) }) { boxes.append(word.box) }
    }

    /// The marks for a frame that shows the whole picture, or with `isCut` as much of it as fills the frame.
    func html(isCut: Bool) -> HTML? {
        guard !boxes.isEmpty, width > 0, height > 0 else { return nil }
        let rectangles = boxes.map { box -> HTML in
            let margin = max(2, box.height / 8)
            return """
                <rect x="\(box.x - margin)" y="\(box.y - margin)" width="\(box.width + 2 * margin)" \
                height="\(box.height + 2 * margin)" rx="\(2 * margin)"/>
                """
        }
        return """
            <svg class="marks" viewBox="0 0 \(width) \(height)" \
            preserveAspectRatio="xMidYMid \(isCut ? "slice" : "meet")" aria-hidden="true">\(rectangles)</svg>
            """
    }
}
