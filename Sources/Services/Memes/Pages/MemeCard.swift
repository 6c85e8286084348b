import Images
import Kernel
import Web

/// A meme as pages show it among others.
struct MemeCard: Sendable {
    let meme: Meme
    let texts: MemeTexts
    /// `nil` when its picture was deleted by itself.
    let look: PictureLook?
    /// The signed address of the original.
    let file: String
    /// How a search found it.
    var hit: MemeFindings.Hit?
    var marks: WordMarks?

    /// What people would call it: its title, else the words on it, else its file's name.
    var name: String {
        let said = [texts.joined(.title), texts.readableWords, texts.joined(.meaning)].first { !$0.isEmpty }
        guard let said else { return meme.fileName }
        return said.count <= 140 ? said : "\(said.prefix(139))…"
    }

    /// Width over height.
    var ratio: Double { Double(max(1, meme.width)) / Double(max(1, meme.height)) }

    /// The ratio for a grid, where a strip must leave room for others.
    private var gridRatio: Double { min(3, max(0.5, ratio)) }

    /// Space, colour and blurred picture for a frame that the real one fills.
    func frame(_ ratio: Double) -> HTML {
        """
        style="--ratio:\(decimal(ratio))\(meme.colours.first.map { ";--colour:\($0)" as HTML })" \
        \(look?.thumbhash.map { "data-thumbhash=\"\($0)\"" as HTML })
        """
    }

    /// A place in a grid; the first nine are numbered by their `place`, counted from 0.
    func html(place: Int?, explains: Bool = false) -> HTML {
        let digit = place.flatMap { $0 < 9 ? "<kbd aria-hidden=\"true\">\($0 + 1)</kbd>" as HTML : nil }
        return """
            <li class="meme" style="--ratio:\(decimal(gridRatio))" data-meme="\(meme.id.description)" \
            data-file="\(file)" data-animated="\(meme.frames > 1 ? "yes" : "no")">
            <a class="frame" href="/memes/\(meme.id.description)" \(frame(gridRatio))>\
            \(look.map(picture))\(marks?.html(isCut: true))\(digit)\(badges)</a>
            <button type="button" class="quiet tool" data-action="copy-picture" \
            aria-label="Copy the picture: \(name)" title="Copy the picture">\(Icon.copy.html)</button>
            \(explains ? hit.map(reasons) : nil)</li>
            """
    }

    private func picture(_ look: PictureLook) -> HTML {
        """
        <img src="\(look.medium)" srcset="\(look.small) \(width(within: 150))w, \(look.medium) \(width(within: 600))w" \
        sizes="(max-width: 900px) 60vw, 320px" alt="\(name)" loading="lazy" decoding="async">
        """
    }

    /// Of the size whose longer side is at most `side`.
    private func width(within side: Int) -> Int {
        let longest = max(1, meme.width, meme.height)
        return max(1, longest <= side ? meme.width : meme.width * side / longest)
    }

    private var badges: HTML? {
        var words: [String] = []
        if meme.frames > 1 { words.append("animated") }
        if meme.status == .partial { words.append("being read") }
        if let hidden = hit?.hidden, hidden > 0 { words.append("\(hidden) alike") }
        return words.isEmpty ? nil : "<span class=\"badges\">\(words.joined(separator: ", "))</span>"
    }
}

extension MemeTexts {
    /// The words on the picture as a person reads them.
    var readableWords: String {
        if let words = text(.ocr), words.provenance == .human { return words.values.joined(separator: " ") }
        return joined(.caption)
    }
}

/// Memes in justified rows; `isNumbered` gives the first nine a digit.
func memeGrid(_ cards: [MemeCard], isNumbered: Bool = true, explains: Bool = false) -> HTML {
    let items = cards.enumerated().map { place, card in
        card.html(place: isNumbered ? place : nil, explains: explains)
    }
    return "<ul class=\"grid memes\">\(items)</ul>"
}

/// What a score is made of; its addends add up to it.
private func reasons(_ hit: MemeFindings.Hit) -> HTML {
    let rows = hit.terms.map { term -> HTML in
        """
        <div title="found \(decimal(term.share)) of 1, which would add \(signed(term.weight))">\
        <dt>\(legName(term.leg))</dt><dd>\(signed(term.contribution))</dd></div>
        """
    }
    let words: HTML? =
        hit.words.isEmpty ? nil : "<p>\(hit.words.prefix(8).joined(separator: " · "))</p>"
    return """
        <div class="reasons"><dl>\(rows)<div class="sum"><dt>score</dt><dd>\(signed(hit.score))</dd></div></dl>\(words)</div>
        """
}

/// A leg as people understand it.
private func legName(_ leg: String) -> String {
    switch leg.split(separator: "/").first.map(String.init) ?? leg {
    case "trigrams": "word parts"
    case "labels": "tags"
    case "coverage": "exact wording"
    case "dense": "meaning"
    case "feedback": "likes"
    case "rerank": "read anew"
    default: leg
    }
}

private func signed(_ value: Double) -> String { (value < 0 ? "−" : "") + decimal(abs(value)) }
