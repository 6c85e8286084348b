import Web

/// The pages of memes.
enum MemeTab: String, CaseIterable {
    case search, label, pulls, packs

    fileprivate var link: (name: String, url: String) {
        switch self {
        case .search: ("Search", "/memes")
        case .label: ("Without words", "/memes/label")
        case .pulls: ("Pulls", "/memes/pulls")
        case .packs: ("Packs", "/memes/packs")
        }
    }
}

/// The way between the pages of memes.
func memeTabs(_ current: MemeTab) -> HTML {
    let links = MemeTab.allCases.map { tab -> HTML in
        let mark: HTML? = tab == current ? " aria-current=\"page\"" : nil
        return "<a href=\"\(tab.link.url)\"\(mark)>\(tab.link.name)</a>"
    }
    return "<nav class=\"tabs\" aria-label=\"Memes\">\(links)</nav>"
}
