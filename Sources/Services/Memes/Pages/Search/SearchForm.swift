import MemeSearch
import Web

/// The search field with its filters and the values that they offer. Without the script it is a plain form.
func searchForm(_ place: SearchPlace, _ choices: [String: [LabelCount]]) -> HTML {
    let filters = SearchPlace.filters.map { filter($0, choices[$0] ?? [], chosen: place.filters[$0]) }
    return """
        <form class="finder" action="/memes" role="search" aria-label="Memes">
        <p class="search">\(Icon.search.html)<input type="search" name="q" value="\(place.text)" \
        placeholder="Words on it, what it shows, a feeling …" aria-label="Find memes" maxlength="500" autocomplete="off" \
        spellcheck="false" autofocus><kbd aria-hidden="true">/</kbd><button>Search</button></p>
        <p class="filters">\(filters)
        <label class="check"><input type="checkbox" name="explain" value="1"\(place.explains ? " checked" : "")> Scores\
        </label></p>
        </form>
        """
}

private func filter(_ name: String, _ choices: [LabelCount], chosen: String?) -> HTML {
    var choices = choices
    // What somebody filters by stays to be seen, even when no meme has it.
    if let chosen, !choices.contains(where: { $0.name == chosen }) {
        choices.insert(LabelCount(name: chosen, count: 0), at: 0)
    }
    let options = choices.map { choice -> HTML in
        """
        <option value="\(choice.name)"\(choice.name == chosen ? " selected" : "")>\(choice.name) \
        (\(grouped(choice.count)))</option>
        """
    }
    return """
        <select name="\(name)" aria-label="\(title(of: name))"\(choices.isEmpty ? " disabled" : "")>\
        <option value="">\(title(of: name))</option>\(options)</select>
        """
}

private func title(of filter: String) -> String {
    switch filter {
    case "lib": "Library"
    case "tag": "Tag"
    case "emotion": "Emotion"
    case "color": "Colour"
    default: "Type"
    }
}
