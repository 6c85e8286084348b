import Kernel
import MemeSearch
import Web

/// What the search page shows.
struct SearchResult: Sendable {
    let place: SearchPlace
    let cards: [MemeCard]
    /// The address of what follows, if anything does.
    let next: String?
    let gaps: SearchGaps

    /// Whether words were looked for, so that hits have scores.
    var isRanked: Bool { !place.query.text.isEmpty }
}

func searchPage(_ result: SearchResult, _ choices: [String: [LabelCount]], mayAdd: Bool, limits: MemesSettings) -> Page
{
    Page(
        title: "Memes",
        section: .memes,
        action: mayAdd ? addButton : nil,
        """
        \(memeTabs(.search))
        <section data-module="memes">
        \(searchForm(result.place, choices))
        \(mayAdd ? uploadPart(limits) : nil)
        <p class="soft" role="status" data-part="summary">\(summary(result))</p>
        \(foundPart(result))
        </section>
        """,
    )
}

/// What changes while somebody types.
func foundPart(_ result: SearchResult) -> HTML {
    """
    <section id="found" aria-label="Found memes" data-summary="\(summary(result))">
    \(newest(result.place))
    \(result.cards.isEmpty ? nothing(result) : memeGrid(result.cards, explains: result.place.explains && result.isRanked))
    \(result.next.map(more))
    \(result.cards.isEmpty ? nil : footnote(result))
    </section>
    """
}

private func summary(_ result: SearchResult) -> String {
    let place = result.place
    let count = grouped(result.cards.count)
    guard result.isRanked else {
        let which = place.query.filter.isEmpty ? "of \(grouped(result.gaps.total)) memes" : "that pass the filters"
        return result.cards.isEmpty ? "" : "The \(place.before == nil ? "newest" : "next") \(count) \(which)"
    }
    switch (result.cards.count, place.offset) {
    case (0, _): return "Nothing found"
    case (1, 0): return "1 meme fits"
    case (_, 0): return "\(count)\(result.next == nil ? "" : " or more") memes fit, the best first"
    case (_, let offset): return "Memes \(grouped(offset + 1)) to \(grouped(offset + result.cards.count))"
    }
}

private func newest(_ place: SearchPlace) -> HTML? {
    guard place.before != nil || place.offset > 0 else { return nil }
    let first = place.url {
        $0.before = nil
        $0.offset = 0
    }
    return "<p><a class=\"back\" href=\"\(first)\">\(Icon.arrowLeft.html)Back to the first</a></p>"
}

private func more(_ url: String) -> HTML {
    """
    <p class="pages"><span></span><a class="button" rel="next" href="\(url)">More\(Icon.arrowRight.html)</a></p>
    """
}

/// Why nothing is here, in a kind way, and what might help.
private func nothing(_ result: SearchResult) -> HTML {
    guard result.gaps.total > 0 else {
        return emptyState(
            .face,
            "No memes yet. Drop some anywhere on this page, or take in a whole folder:",
            action: "<p><code>pictor ingest FOLDER</code></p>",
        )
    }
    return "\(apology(result))\(result.gaps.html)"
}

private func apology(_ result: SearchResult) -> HTML {
    let place = result.place
    guard result.isRanked, !place.showsAll else {
        return emptyState(
            .face,
            "No meme passes these filters.",
            action: "<p><a class=\"button\" href=\"/memes\">All memes</a></p>",
        )
    }
    let without: HTML? =
        place.filters.isEmpty
        ? nil : "<a class=\"button\" href=\"\(place.url { $0.filters = [:] })\">Without filters</a>"
    return emptyState(
        .face,
        "No meme fits \u{201C}\(place.text)\u{201D} well enough. Fewer or other words may find it.",
        action: """
            <p class="actions"><a class="button main" href="\(place.url { $0.showsAll = true })">\
            Show the nearest anyway</a>\(without)</p>
            """,
    )
}

/// Under hits only what passes by itself or was asked for is said.
private func footnote(_ result: SearchResult) -> HTML? {
    let place = result.place
    var parts: [HTML] = []
    if result.gaps.unread > 0, let first = result.gaps.sentences.first { parts.append(first) }
    if place.showsAll {
        parts.append(
            "These are the nearest, however badly they fit. <a href=\"\(place.url { $0.showsAll = false })\">Only what fits</a>"
        )
    }
    return parts.isEmpty ? nil : "<p class=\"note\">\(parts.map { "\($0) " as HTML })</p>"
}
