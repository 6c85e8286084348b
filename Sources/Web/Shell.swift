/// The services, an icon and a word each; a bar at the bottom of a narrow screen.
func rail(_ current: Page.Section?) -> HTML {
    let links = Page.Section.allCases.map { section -> HTML in
        let mark: HTML = section == current ? " aria-current=\"page\"" : ""
        return "<a href=\"\(section.url)\"\(mark)>\(section.icon.html)<span>\(section.name)</span></a>"
    }
    return """
        <nav class="rail" aria-label="Main">
        <a class="brand" href="/"><img src="\(Assets.url("favicon.svg"))" alt="" width="24" height="24"><span>Pictor</span></a>
        \(links)
        </nav>
        """
}

/// Search, health, theme and account.
func topLine(_ visitor: String?) -> HTML {
    """
    <header class="top" data-module="shell" data-visitor="\(visitor ?? "")">
    <form class="search" role="search" action="/jobs">
    \(Icon.search.html)
    <input type="search" name="q" placeholder="Picture or job id" aria-label="Find a picture or job by its id" \
    maxlength="64" autocomplete="off" spellcheck="false"><kbd aria-hidden="true">/</kbd>
    </form>
    <a class="health" href="/dashboard/" data-state="unknown"><i aria-hidden="true"></i><span>Health</span></a>
    <button type="button" class="quiet" data-action="theme" title="Light or dark">\(Icon.theme.html)\
    <span class="hidden">Switch between light and dark</span></button>
    <button type="button" class="quiet account" data-action="account">\(Icon.user.html)\
    <span>\(visitor ?? "Use a token")</span></button>
    </header>
    """
}

let dialogs: HTML = """
    <dialog id="shortcuts" aria-labelledby="shortcuts-title">
    <h2 id="shortcuts-title">Shortcuts</h2>
    <dl class="keys">
    <div><dt><kbd>/</kbd></dt><dd>Search</dd></div>
    <div><dt><kbd>u</kbd></dt><dd>Upload pictures</dd></div>
    <div><dt><kbd>g</kbd> <kbd>h</kbd></dt><dd>Images</dd></div>
    <div><dt><kbd>g</kbd> <kbd>m</kbd></dt><dd>Memes</dd></div>
    <div><dt><kbd>g</kbd> <kbd>j</kbd></dt><dd>Jobs</dd></div>
    <div><dt><kbd>g</kbd> <kbd>d</kbd></dt><dd>Dashboard</dd></div>
    <div><dt><kbd>←</kbd> <kbd>→</kbd></dt><dd>Newer, older picture</dd></div>
    <div><dt><kbd>z</kbd></dt><dd>Zoom in and out</dd></div>
    <div><dt><kbd>1</kbd> … <kbd>9</kbd></dt><dd>Copy that meme</dd></div>
    <div><dt><kbd>e</kbd></dt><dd>Scores of found memes</dd></div>
    <div><dt><kbd>Esc</kbd></dt><dd>Back</dd></div>
    <div><dt><kbd>t</kbd></dt><dd>Light or dark</dd></div>
    <div><dt><kbd>?</kbd></dt><dd>This list</dd></div>
    </dl>
    <form method="dialog"><button>Close</button></form>
    </dialog>
    <dialog id="account" aria-labelledby="account-title">
    <h2 id="account-title">Who you are</h2>
    <p data-part="who"></p>
    \(tokenForm)
    <form method="dialog"><button class="quiet">Close</button></form>
    </dialog>
    """

/// Takes a token and keeps it for this tab only.
package let tokenForm: HTML = """
    <form class="token" data-action="token">
    <label>Token or API key
    <input name="token" type="password" autocomplete="off" spellcheck="false" required></label>
    <p class="note">Kept in this tab until you close it, and sent with each request. The server's operator makes one
    with <code>pictor token --sub NAME</code>.</p>
    <button class="main">Use it</button>
    </form>
    """

extension Page.Section {
    fileprivate var name: String {
        switch self {
        case .images: "Images"
        case .memes: "Memes"
        case .translate: "Translate"
        case .upload: "Upload"
        case .jobs: "Jobs"
        case .dashboard: "Dashboard"
        case .documentation: "API"
        }
    }

    fileprivate var url: String {
        switch self {
        case .images: "/"
        case .memes: "/memes"
        case .translate: "/translate"
        case .upload: "/upload"
        case .jobs: "/jobs"
        case .dashboard: "/dashboard/"
        case .documentation: "/docs"
        }
    }

    fileprivate var icon: Icon {
        switch self {
        case .images: .picture
        case .memes: .face
        case .translate: .translate
        case .upload: .upload
        case .jobs: .list
        case .dashboard: .gauge
        case .documentation: .book
        }
    }
}
