import Imaging
import OCR

/// Turns the words of a picture into blocks with styles, on the thread that calls it.
struct PageLayout {
    private let recognition: Recognition
    private let picture: Bitmap
    private let stop: WorkStop

    init(_ recognition: Recognition, in picture: Bitmap, stop: WorkStop) {
        self.recognition = recognition
        self.picture = picture
        self.stop = stop
    }

    /// In the order of reading.
    func blocks() throws -> [TextBlock] {
        let groups = try groups()
        let page = pageAngle
        let order = ReadingOrder(
            groups.map { group in
                let box = group.box.turnedBounds(by: group.angle - page, around: middle)
                return ReadingOrder.Item(box: box, lines: group.lines.count, em: group.lines[0].em)
            }
        )
        var result = try order.indices().enumerated().map { number, index in
            try stop.check()
            return block(groups[index], order: number)
        }
        for index in result.indices {
            result[index].style.alignment = AlignmentEstimate(index, of: result, in: picture).alignment
        }
        return result
    }

    /// Lines that belong together, in the frame of their angle, which is turned around the picture's middle.
    private struct Group {
        let angle: Double
        let lines: [FoundLine]

        var box: TextBox { lines.dropFirst().reduce(lines[0].box) { $0.union($1.box) } }
    }

    private func groups() throws -> [Group] {
        let lines = Dictionary(grouping: recognition.words, by: \.line).sorted { $0.key < $1.key }.map(\.value)
        return try Dictionary(grouping: lines, by: { $0[0].angle }).sorted { $0.key < $1.key }.flatMap { angle, lines in
            let boxes = TightBoxes(picture, angle: angle)
            // What stands side by side may stand higher and lower: each is compared with its own words only.
            let words = try lines.flatMap(Grouping.parts).map { part in
                try stop.check()
                return boxes.tightened(part)
            }
            let lines = Grouping.lines(Grouping.withoutFragments(words))
            return Grouping.blocks(lines).map { Group(angle: angle, lines: $0) }
        }
    }

    /// Of most words.
    private var pageAngle: Double {
        let angles = Dictionary(grouping: recognition.words, by: \.angle)
        return angles.max { ($0.value.count, $0.key) < ($1.value.count, $1.key) }?.key ?? 0
    }

    private func block(_ group: Group, order: Int) -> TextBlock {
        // From the frame of the group's angle to that of a block, which is turned around its own middle.
        let box = group.box.carried(by: group.angle, around: middle)
        let shift = (x: box.x - group.box.x, y: box.y - group.box.y)
        let found = group.lines.map { line in
            TextLine(
                text: line.text,
                box: line.box.moved(shift),
                confidence: line.confidence / 100,
                words: line.words.map { TextWord(text: $0.text, box: TextBox($0.box).moved(shift)) },
            )
        }
        let letters = found.reduce(0) { $0 + $1.text.count }
        let confidence = found.reduce(0) { $0 + $1.confidence * Double($1.text.count) } / Double(max(1, letters))
        var block = TextBlock(
            box: box,
            angle: group.angle,
            order: order,
            lines: found,
            text: Grouping.text(group.lines),
            confidence: confidence,
            style: TextStyle(size: group.lines[0].em),
        )
        block.style = StyleEstimate(block, in: picture).style()
        return block
    }

    private var middle: TextPoint {
        TextPoint(x: Double(picture.size.width) / 2, y: Double(picture.size.height) / 2)
    }
}
