import Kernel
import Web

/// What this server does, a place to drop pictures, and the newest ones. `pictures` is `nil` for a visitor who may
/// list none.
func homePage(_ pictures: [PictureView]?, isFirst: Bool, form: UploadForm) -> Page {
    Page(
        title: isFirst ? "Pictures" : "Older pictures",
        section: .images,
        back: isFirst ? nil : ("Newest pictures", "/"),
        """
        \(isFirst ? intro(form) : nil)
        \(recent(pictures, isFirst: isFirst))
        """,
    )
}

private func intro(_ form: UploadForm) -> HTML {
    """
    <p class="soft" style="margin-bottom:16px">A picture goes in; its four sizes, colours and placeholders come out, at
    addresses you can use. By page, by <a href="/docs">HTTP</a> or from the shell.</p>
    \(uploadPanel(form))
    """
}

private func recent(_ pictures: [PictureView]?, isFirst: Bool) -> HTML {
    guard let pictures else {
        return """
            <section class="block problem" data-status="401"><h2>Recent pictures</h2>
            <p>Show a token to see your pictures and to upload.</p>\(tokenForm)</section>
            """
    }
    guard !pictures.isEmpty else {
        return block(emptyState(.picture, "No pictures yet. The first one you drop above appears here."))
    }
    let more = pictures.count > recentPictures ? pictures[recentPictures - 1].image.id.description : nil
    let older = more.map { id -> HTML in
        "<p class=\"pages\"><span></span><a class=\"button\" href=\"/?before=\(id)\">Older pictures\(Icon.arrowRight.html)</a></p>"
    }
    return block("\(pictureGrid(pictures.prefix(recentPictures)))\(older)")
}

private func block(_ content: HTML) -> HTML {
    """
    <section class="block" id="recent" data-module="live" data-every="5000"><h2>Recent pictures</h2>
    \(content)
    </section>
    """
}
