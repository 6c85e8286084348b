import Kernel
import Web

/// What the page of packs shows.
struct PackPlace: Sendable {
    let libraries: [(library: MemeLibrary, memes: Int)]
    /// How many memes there are.
    let total: Int
    let mayAdd: Bool
    let settings: MemesSettings
}

func packPage(_ place: PackPlace) -> Page {
    Page(
        title: "Packs",
        section: .memes,
        """
        \(memeTabs(.packs))
        \(place.mayAdd ? importPart(place) : nil)
        <section class="block" data-module="packs"><h2>Pack memes</h2>
        <p class="soft">A pack is a ZIP archive: the pictures as they came in, and a manifest with all that was said of them and \
        by whom.</p>
        \(searchPart)
        \(libraryTable(place))
        <p class="alert" role="alert" data-part="problem" hidden></p>
        </section>
        """,
    )
}

private func importPart(_ place: PackPlace) -> HTML {
    let settings = place.settings.pack
    let names = place.libraries.map { "<option value=\"\($0.library.name)\"></option>" as HTML }
    return """
        <section class="block" data-module="packupload"><h2>Take in a pack</h2>
        <form class="puller"><div class="row">
        <label class="grow">ZIP archive<input type="file" name="file" accept=".zip,application/zip" required></label>
        <label>Library<input name="library" maxlength="120" list="known-libraries" autocomplete="off" \
        placeholder="as the pack says"></label>
        <button class="main">Take in</button></div></form>
        <p class="note">A pack of Pictor or of a community library, or an archive of plain pictures: up to \
        \(byteCount(settings.maxFileBytes)), \(grouped(settings.maxMemes)) files and \(byteCount(settings.maxUnpackedBytes)) \
        unpacked. What is here already is not doubled, and what a person wrote here stays.</p>
        <div data-part="progress" hidden><progress max="1" value="0" aria-label="Progress"></progress>
        <p class="line" role="status"><span data-part="state"></span><span class="soft number" data-part="detail"></span>\
        <button type="button" class="quiet" data-part="stop">Stop</button></p></div>
        <p class="alert" role="alert" data-part="problem" hidden></p>
        <div data-part="refused" hidden><h3>Not taken</h3><ul></ul></div>
        <datalist id="known-libraries">\(names)</datalist>
        </section>
        """
}

/// Without the script it is a plain form whose answer is the archive.
private let searchPart: HTML = """
    <form class="puller" action="/pack"><div class="row"><label class="grow">What is found by\
    <input name="q" maxlength="500" spellcheck="false" autocomplete="off" placeholder="tag:cat color:red; empty for all"></label>
    <button>\(Icon.tray.html)Pack</button></div></form>
    """

private func libraryTable(_ place: PackPlace) -> HTML {
    guard place.total > 0 else { return emptyState(.tray, "No memes yet, so there is nothing to pack.") }
    let rows = place.libraries.map { library, memes -> HTML in
        let link: HTML =
            memes == 0
            ? "–"
            : "<a class=\"button\" href=\"/pack?lib=\(addressPart(library.name))\" download>\(Icon.tray.html)Pack</a>"
        return """
            <tr><td><a href="/memes?lib=\(addressPart(library.name))">\(library.name)</a>\
            \(library.author.isEmpty ? nil : "<p class=\"soft\">by \(library.author)</p>" as HTML)</td>
            <td class="number">\(grouped(memes))</td><td>\(link)</td></tr>
            """
    }
    return """
        <div class="scroll" tabindex="0" role="region" aria-label="Libraries"><table><thead><tr><th>Library</th>\
        <th class="number">Memes</th><th>As a file</th></tr></thead><tbody>\(rows)
        <tr><td>All memes</td><td class="number">\(grouped(place.total))</td>\
        <td><a class="button" href="/pack" download>\(Icon.tray.html)Pack</a></td></tr></tbody></table></div>
        """
}
