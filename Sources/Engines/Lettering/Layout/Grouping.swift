import OCR

/// Forms blocks of lines: what a translator should see as one text.
enum Grouping {
    /// Lines in rows, as they were read, but split where labels stand side by side and joined where the reader split
    /// them.
    static func lines(_ read: [[RecognizedWord]]) -> [FoundLine] {
        var lines: [FoundLine] = []
        for line in read.flatMap({ FoundLine($0).parts() }).sorted(by: { $0.box.x < $1.box.x }) {
            if let left = lines.firstIndex(where: { $0.isContinued(by: line) }) {
                lines[left] = FoundLine(lines[left].words + line.words)
            } else {
                lines.append(line)
            }
        }
        return lines
    }

    /// What was read as one line, cut where labels stand side by side. Marks that stand alone are left out: they say
    /// nothing in any language, and often are specks.
    static func parts(_ line: [RecognizedWord]) -> [[RecognizedWord]] {
        FoundLine(line).parts().map(\.words).filter { part in
            part.contains { $0.text.contains { $0.isLetter || $0.isNumber } }
        }
    }

    /// Without what was read a second time within a word: what an earlier pass left over of its letters, such as the dot
    /// of an i.
    static func withoutFragments(_ lines: [[RecognizedWord]]) -> [[RecognizedWord]] {
        // Of small print some boxes are so high that they cover words of the next line.
        let words = lines.flatMap { $0 }.filter {
            0.58 * Double($0.text.count * $0.box.height) < 1.3 * Double($0.box.width)
        }
        func isFragment(_ word: RecognizedWord) -> Bool {
            words.contains { other in
                other.line != word.line && other.text.count > word.text.count && other.confidence > word.confidence
                    && TextBox(other.box).area > 2 * TextBox(word.box).area && other.box.covers(word.box)
            }
        }
        return lines.map { $0.filter { !isFragment($0) } }.filter { !$0.isEmpty }
    }

    /// Blocks of lines from top to bottom.
    static func blocks(_ lines: [FoundLine]) -> [[FoundLine]] {
        var blocks: [[FoundLine]] = []
        for line in lines.sorted(by: { $0.box.y < $1.box.y }) {
            let above = blocks.indices.filter { blocks[$0].last?.isFollowed(by: line) ?? false }
            // Of several columns the one whose last line is nearest.
            let nearest = above.min { distance(blocks[$0], line) < distance(blocks[$1], line) }
            if let nearest { blocks[nearest].append(line) } else { blocks.append([line]) }
        }
        return blocks
    }

    private static func distance(_ block: [FoundLine], _ line: FoundLine) -> Int {
        guard let last = block.last else { return .max }
        return abs(line.box.y - last.box.bottom) + abs(line.box.x - last.box.x)
    }

    /// The lines as one text: words that a line's end cut are whole again.
    static func text(_ lines: [FoundLine]) -> String {
        lines.dropFirst().reduce(lines.first?.text ?? "") { text, line in
            let isCut = text.hasSuffix("-") && text.dropLast().last?.isLetter == true
            if isCut, line.text.first?.isLowercase == true { return text.dropLast() + line.text }
            return text + (joinsWithoutSpace(text, line.text) ? "" : " ") + line.text
        }
    }

    /// Chinese and Japanese have no spaces.
    private static func joinsWithoutSpace(_ left: String, _ right: String) -> Bool {
        guard let end = left.unicodeScalars.last, let start = right.unicodeScalars.first else { return true }
        return [end, start].allSatisfy { (0x3000...0x30FF).contains($0.value) || (0x3400...0x9FFF).contains($0.value) }
    }
}
