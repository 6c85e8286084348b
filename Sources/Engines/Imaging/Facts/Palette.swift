extension Sample {
    /// At most `count` colours that stand for the whole picture, the most frequent first, by median cut: the box of
    /// colours that differ most is halved until there are enough, and each box gives its mean.
    ///
    /// A picture of fewer colours gives fewer. The result depends on the pixels alone, not on their order.
    func palette(_ count: Int = 5) -> [Colour] {
        var boxes = [ColourBox(colours)]
        while boxes.count < count, let widest = boxes.indices.max(by: { boxes[$0].priority < boxes[$1].priority }),
            let halves = boxes[widest].halved()
        {
            boxes.replaceSubrange(widest...widest, with: [halves.0, halves.1])
        }
        return boxes.sorted { ($1.colours.count, $0.mean.hexadecimal) < ($0.colours.count, $1.mean.hexadecimal) }
            .map(\.mean)
    }
}

/// Colours that lie together.
private struct ColourBox {
    let colours: [Colour]
    /// The one in which the colours differ most, and by how much.
    private let channel: Channel
    private let width: Int

    init(_ colours: [Colour]) {
        self.colours = colours
        let widths = Channel.allCases.map { channel in
            var (lowest, highest) = (UInt8.max, UInt8.min)
            for colour in colours {
                lowest = min(lowest, channel.value(in: colour))
                highest = max(highest, channel.value(in: colour))
            }
            return Int(highest) - Int(lowest)
        }
        width = widths.max() ?? 0
        channel = Channel.allCases[widths.firstIndex(of: width) ?? 0]
    }

    /// Wide and full boxes first: halving by width alone spends the palette on a few odd pixels, halving by number
    /// alone on shades of the background.
    var priority: Int { width * colours.count }

    /// Two boxes with about the same number of colours; `nil` when all are equal. Equal values stay together.
    func halved() -> (ColourBox, ColourBox)? {
        guard width > 0 else { return nil }
        let values = colours.map(channel.value).sorted()
        let median = values[values.count / 2]
        let limit = median > values[0] ? median : values.first { $0 > median } ?? median
        return (
            ColourBox(colours.filter { channel.value(in: $0) < limit }),
            ColourBox(colours.filter { channel.value(in: $0) >= limit }),
        )
    }

    var mean: Colour {
        func mean(_ channel: Channel) -> UInt8 {
            let sum = colours.reduce(0) { $0 + Int(channel.value(in: $1)) }
            return UInt8((sum + colours.count / 2) / colours.count)
        }
        return Colour(red: mean(.red), green: mean(.green), blue: mean(.blue))
    }
}

/// In the order in which they are preferred when colours differ equally in several.
private enum Channel: CaseIterable {
    case green, red, blue

    func value(in colour: Colour) -> UInt8 {
        switch self {
        case .green: colour.green
        case .red: colour.red
        case .blue: colour.blue
        }
    }
}
