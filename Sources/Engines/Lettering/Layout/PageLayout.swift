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
        let boxes = TightBoxes(picture, angle: recognition.angle)
        let lines = Dictionary(grouping: recognition.words, by: \.line).sorted { $0.key < $1.key }
        let words = try lines.map { line in
            try stop.check()
            return boxes.tightened(line.value)
        }
        let groups = Grouping.blocks(Grouping.lines(words))
        let blocks = groups.map { group in group.dropFirst().reduce(group[0].box) { $0.union($1.box) } }
        let order = ReadingOrder(
            zip(groups, blocks).map { group, box in
                ReadingOrder.Item(box: box, lines: group.count, em: group[0].em)
            }
        )
        var result = try order.indices().enumerated().map { number, index in
            try stop.check()
            return block(groups[index], blocks[index], order: number)
        }
        for index in result.indices {
            result[index].style.alignment = AlignmentEstimate(index, of: result, in: picture).alignment
        }
        return result
    }

    private func block(_ lines: [FoundLine], _ box: TextBox, order: Int) -> TextBlock {
        let shift = shift(of: box)
        let found = lines.map { line in
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
            box: box.moved(shift),
            angle: recognition.angle,
            order: order,
            lines: found,
            text: Grouping.text(lines),
            confidence: confidence,
            style: TextStyle(size: lines[0].em),
        )
        block.style = StyleEstimate(block, in: picture).style()
        return block
    }

    /// From the frame of the page, which is turned around the picture's middle, to that of a block, which is turned
    /// around its own.
    private func shift(of box: TextBox) -> (x: Int, y: Int) {
        let middle = TextPoint(x: Double(picture.size.width) / 2, y: Double(picture.size.height) / 2)
        let place = box.middle.turned(by: recognition.angle, around: middle)
        return (Int((place.x - box.middle.x).rounded()), Int((place.y - box.middle.y).rounded()))
    }
}

extension TextBox {
    fileprivate func moved(_ shift: (x: Int, y: Int)) -> TextBox {
        TextBox(x: x + shift.x, y: y + shift.y, width: width, height: height)
    }
}
