import Images
import Kernel
import Web

/// One meme, large, with what is known of it at the side.
func memePage(_ view: MemeView) -> Page {
    Page(
        title: view.card.name,
        section: .memes,
        back: ("All memes", "/memes"),
        action: view.mayChange
            ? "<button type=\"button\" class=\"danger\" data-action=\"remove\">\(Icon.trash.html)Delete</button>" : nil,
        """
        <article class="picture one-meme" data-module="meme" data-meme="\(view.meme.id.description)" \
        data-file="\(view.card.file)" data-animated="\(view.meme.frames > 1 ? "yes" : "no")">
        <div class="stage">
        \(stage(view.card))
        <nav aria-label="Memes">\(neighbour("prev", view.newer, "Newer", .arrowLeft))\
        \(tools(view.card))\(neighbour("next", view.older, "Older", .arrowRight))</nav>
        </div>
        <aside>
        \(view.original.map(duplicateNote))
        <section><h2>What it says</h2>\(view.mayChange ? memeForm(view) : memeWords(view))</section>
        </aside>
        </article>
        \(row("Almost the same picture", view.family))
        \(row("Similar", view.similar))
        <div class="two block">
        <section><h2>What happened</h2>\(memeHistory(view))</section>
        <section><h2>Facts</h2>\(memeFacts(view))</section>
        </div>
        \(everythingSaid(view.texts))
        \(view.mayChange ? removeDialog : nil)
        """,
    )
}

/// The whole picture: animations as they were sent, others in a size for the screen.
private func stage(_ card: MemeCard) -> HTML {
    let source = card.meme.frames > 1 ? card.file : card.look?.large ?? card.file
    return """
        <div class="frame" \(card.frame(card.ratio))><img src="\(source)" alt="\(card.name)">\
        \(card.marks?.html(isCut: false))</div>
        """
}

private func tools(_ card: MemeCard) -> HTML {
    let words: HTML? = card.marks.flatMap { marks in
        marks.boxes.isEmpty
            ? nil
            : """
            <button type="button" class="quiet" data-action="words" aria-pressed="false" title="Show the words (w)">\
            \(Icon.search.html)Words</button>
            """
    }
    return """
        <span class="actions">\(words)\
        <button type="button" class="quiet" data-action="copy-picture" title="Copy the picture (c)">\(Icon.copy.html)Copy\
        </button>\
        <a class="button quiet" href="\(card.file)" download="\(card.meme.fileName)">\(Icon.tray.html)Original</a></span>
        """
}

private func neighbour(_ relation: String, _ id: ID<Meme>?, _ word: String, _ icon: Icon) -> HTML {
    guard let id else { return "<span></span>" }
    let label: HTML = relation == "prev" ? "\(icon.html)\(word)" : "\(word)\(icon.html)"
    return "<a class=\"button quiet\" rel=\"\(relation)\" href=\"/memes/\(id.description)\">\(label)</a>"
}

/// A hint and no verdict: nothing is deleted or hidden by itself.
private func duplicateNote(_ original: MemeCard) -> HTML {
    """
    <p class="note">The same picture with the same words is here already: \
    <a href="/memes/\(original.meme.id.description)">\(original.name)</a>.</p>
    """
}

private func row(_ title: String, _ cards: [MemeCard]) -> HTML? {
    guard !cards.isEmpty else { return nil }
    return """
        <section class="block"><h2>\(title)</h2>\(memeGrid(cards, isNumbered: false))</section>
        """
}

private let removeDialog: HTML = """
    <dialog id="remove" aria-labelledby="remove-title"><h2 id="remove-title">Delete this meme?</h2>
    <p>No search finds it from then on, and its picture goes. Nobody can bring it back.</p>
    <form method="dialog" class="actions"><button>Keep it</button>
    <button type="button" class="danger" data-action="confirm">Delete for good</button></form></dialog>
    """
