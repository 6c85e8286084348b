import Kernel
import Web

/// One picture, large, with its sizes and facts at the side.
func picturePage(
    _ picture: PictureView,
    newer: ID<ImageRecord>?,
    older: ID<ImageRecord>?,
    mayDelete: Bool,
) -> Page {
    let image = picture.image
    return Page(
        title: picture.name,
        section: .images,
        back: ("All pictures", "/"),
        action: mayDelete
            ? "<button type=\"button\" class=\"danger\" data-action=\"remove\">\(Icon.trash.html)Delete</button>" : nil,
        """
        <article class="picture" data-module="picture" data-image="\(image.id.description)">
        <div class="stage">
        \(stage(picture))
        <nav aria-label="Pictures">\(neighbour("prev", newer, "Newer", .arrowLeft))<span></span>\
        \(neighbour("next", older, "Older", .arrowRight))</nav>
        </div>
        <aside>
        <section><h2>Sizes</h2>\(variantList(picture))</section>
        <section><h2>Facts</h2>\(pictureFacts(picture))</section>
        <p class="actions">\(picture.url("large").map { copyButton("{origin}\($0)", "Copy link") })\
        \(curlUpload(name: picture.name, bucket: image.bucket))</p>
        </aside>
        \(dialogs(picture, mayDelete: mayDelete))
        </article>
        """,
    )
}

private func stage(_ picture: PictureView) -> HTML {
    guard let url = picture.url("large") else { return unfinished(picture.image) }
    return """
        <button type="button" class="frame" data-action="zoom" \(picture.frame(picture.ratio)) title="Zoom (z)">\
        <img src="\(url)" srcset="\(picture.sources)" sizes="(max-width: 900px) 100vw, 70vw" alt="\(picture.name)">\
        <span class="hidden">Zoom</span></button>
        """
}

/// A picture without a size yet: the state of its job, live.
private func unfinished(_ image: ImageRecord) -> HTML {
    let done: HTML? = image.status.isFinal ? " data-done" : nil
    return """
        <section class="empty" id="unfinished" data-module="live" \
        data-events="/api/v1/images/jobs/\(image.jobID.description)/events"\(done)>
        <p>\(statusMark(image.status))</p>
        <p>\(image.error ?? "Its sizes appear here as soon as they are made.")</p>
        <a class="button" href="/jobs/\(image.jobID.description)">Look at the job</a>
        </section>
        """
}

private func neighbour(_ relation: String, _ id: ID<ImageRecord>?, _ word: String, _ icon: Icon) -> HTML? {
    guard let id else { return nil }
    let label: HTML = relation == "prev" ? "\(icon.html)\(word)" : "\(word)\(icon.html)"
    return "<a class=\"button quiet\" rel=\"\(relation)\" href=\"/images/\(id.description)\">\(label)</a>"
}

private func dialogs(_ picture: PictureView, mayDelete: Bool) -> HTML {
    let zoom = picture.url("original").map { url -> HTML in
        """
        <dialog id="zoom" class="zoom" aria-label="\(picture.name), full size"><img src="\(url)" loading="lazy" \
        alt="\(picture.name)"><form method="dialog"><button>Close</button></form></dialog>
        """
    }
    guard mayDelete else { return "\(zoom)" }
    return """
        \(zoom)
        <dialog id="remove" aria-labelledby="remove-title"><h2 id="remove-title">Delete this picture?</h2>
        <p>All its sizes go, and its addresses stop working. Nobody can bring it back.</p>
        <form method="dialog" class="actions"><button>Keep it</button>
        <button type="button" class="danger" data-action="confirm">Delete for good</button></form></dialog>
        """
}
