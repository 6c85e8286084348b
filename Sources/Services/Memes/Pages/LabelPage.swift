import Images
import Kernel
import MemeSearch
import Web

/// Memes that no words find, one after the other and several at once.
struct Labelling: Sendable {
    /// Memes on a page.
    static let page = 60

    let cards: [MemeCard]
    /// How many there are in all.
    let total: Int
    /// The address of those that follow, if any.
    let next: String?
    /// Tags that other memes have.
    let tags: [LabelCount]
    let mayChange: Bool
}

func labelPage(_ labelling: Labelling) -> Page {
    Page(
        title: "Memes without words",
        section: .memes,
        """
        \(memeTabs(.label))
        \(labelling.cards.isEmpty ? finished : work(labelling))
        """,
    )
}

private let finished: HTML = """
    <div class="block">\(emptyState(
        .check,
        "Every meme has words that find it. New ones without words appear here.",
        action: "<a class=\"button\" href=\"/memes\">Search them</a>"
    ))</div>
    """

private func work(_ labelling: Labelling) -> HTML {
    """
    <section data-module="label" class="labels">
    <p class="soft" role="status" data-part="summary">\(grouped(labelling.total)) \
    \(labelling.total == 1 ? "meme has" : "memes have") nothing but a file name to be found by.</p>
    \(labelling.mayChange ? oneByOne : lookOnly)
    <section class="block"><header><h2>\(labelling.mayChange ? "Several at once" : "All of them")</h2>\
    \(labelling.mayChange ? "<span class=\"note\">Choose pictures that get the same tags.</span>" as HTML : nil)</header>
    \(labelling.mayChange ? batchForm : nil)
    <ul class="grid memes" data-part="all">\(labelling.cards.map { item($0, mayChange: labelling.mayChange) })</ul>
    \(labelling.next.map { "<p class=\"pages\"><span></span><a class=\"button\" href=\"\($0)\">Older\(Icon.arrowRight.html)</a></p>" as HTML })
    </section>
    <datalist id="known-tags">\(labelling.tags.map { "<option value=\"\($0.name)\"></option>" as HTML })</datalist>
    \(emotionList)
    </section>
    """
}

private let lookOnly: HTML =
    "<p class=\"note\">Tagging needs a token or key with the permission <code>memes:write</code>.</p>"

/// The picture in question and what it gets; the script fills it.
private let oneByOne: HTML = """
    <div class="labeller" data-part="one" hidden>
    <a class="frame" data-part="picture"><img alt=""></a>
    <form class="texts" data-part="form">
    <h2 data-part="name"></h2>
    <label>Tags<input name="tags" list="known-tags" data-kind="list" autocomplete="off" spellcheck="false" maxlength="2000">
    </label>
    <label>Emotions<input name="emotions" list="known-emotions" data-kind="list" autocomplete="off" maxlength="200"></label>
    <label>Words on it, or what it means<input name="meaning" data-kind="text" autocomplete="off" maxlength="2000"></label>
    <p class="actions"><button class="main">Save and next <kbd>Enter</kbd></button>
    <button type="button" data-action="skip">Skip <kbd>Alt</kbd><kbd>→</kbd></button>
    <button type="button" class="quiet" data-action="undo" hidden>\(Icon.repeatArrow.html)Undo the last</button></p>
    <p class="note" role="alert" data-part="problem"></p>
    </form></div>
    """

private let batchForm: HTML = """
    <form class="batch" data-part="batch">
    <label class="hidden" for="batch-tags">Tags for the chosen</label>
    <input id="batch-tags" name="tags" list="known-tags" data-kind="list" placeholder="Tags for the chosen, with commas" \
    autocomplete="off" spellcheck="false" required maxlength="2000">
    <button disabled><span data-part="count">Tag the chosen</span></button>
    <button type="button" class="quiet" data-action="all">Choose all</button>
    <button type="button" class="quiet" data-action="undo-batch" hidden>\(Icon.repeatArrow.html)Undo these tags</button>
    </form>
    """

private func item(_ card: MemeCard, mayChange: Bool) -> HTML {
    let ratio = min(3, max(0.5, card.ratio))
    let image = card.look.map { look -> HTML in
        "<img src=\"\(look.medium)\" alt=\"\(card.meme.fileName)\" loading=\"lazy\" decoding=\"async\">"
    }
    let start: HTML = """
        <li class="meme" style="--ratio:\(decimal(ratio))" data-meme="\(card.meme.id.description)" \
        data-name="\(card.meme.fileName)" data-picture="\(card.look?.large ?? card.file)">
        """
    guard mayChange else {
        return
            "\(start)<a class=\"frame\" href=\"/memes/\(card.meme.id.description)\" \(card.frame(ratio))>\(image)</a></li>"
    }
    return """
        \(start)<label class="frame" \(card.frame(ratio))>\(image)<input type="checkbox" \
        aria-label="Choose \(card.meme.fileName)"></label></li>
        """
}
