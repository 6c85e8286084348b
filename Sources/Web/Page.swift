/// A page: what stands in it and where it belongs. ``html(for:)`` puts the shell around it.
package struct Page: Sendable {
    /// A place in the rail.
    package enum Section: String, CaseIterable, Sendable {
        case images, memes, translate, upload, jobs, dashboard, documentation
    }

    package let title: String
    /// What the rail marks; `nil` marks nothing.
    package let section: Section?
    /// The way back: a word and an address, where the rail is not enough.
    package let back: (name: String, url: String)?
    /// The main action, beside the title.
    package let action: HTML?
    package let content: HTML
    /// More than the shell's own style and script, by asset name.
    package let styles: [String]
    package let scripts: [String]

    package init(
        title: String,
        section: Section? = nil,
        back: (name: String, url: String)? = nil,
        action: HTML? = nil,
        styles: [String] = [],
        scripts: [String] = [],
        _ content: HTML,
    ) {
        self.title = title
        self.section = section
        self.back = back
        self.action = action
        self.styles = styles
        self.scripts = scripts
        self.content = content
    }

    /// The whole document. `visitor` is the name of who looks, `nil` for somebody who has not shown a token.
    package func html(for visitor: String?) -> HTML {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(title) · Pictor</title>
        <link rel="icon" href="\(Assets.url("favicon.svg"))" type="image/svg+xml">
        <script src="\(Assets.url("theme.js"))"></script>
        \(styles.map { "<link rel=\"stylesheet\" href=\"\(Assets.url($0))\">" })
        <link rel="stylesheet" href="\(Assets.url("style.css"))">
        \(scripts.map { "<script src=\"\(Assets.url($0))\" defer></script>" })
        <script src="\(Assets.url("app.js"))" type="module"></script>
        </head>
        <body>
        <a class="skip" href="#main">Skip to the content</a>
        \(rail(section))
        \(topLine(visitor))
        <main id="main" tabindex="-1">
        <header class="title">
        \(back.map { "<a class=\"back\" href=\"\($0.url)\">\(Icon.arrowLeft.html)\($0.name)</a>" })
        <h1>\(title)</h1>
        \(action)
        </header>
        \(content)
        </main>
        \(dialogs)
        <p class="toast" role="status" aria-live="polite"></p>
        </body>
        </html>
        """
    }
}
