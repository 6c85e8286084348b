import Kernel
import Web

/// One page of pulls, and the form that begins one.
struct PullList: Sendable {
    static let page = 30

    let pulls: [Pull]
    /// The address of the older ones, if there are any.
    let next: String?
    let form: PullForm?
}

/// What the form needs to know.
struct PullForm: Sendable {
    /// Names of profiles, the standard one first.
    let profiles: [String]
    /// Folders of this machine that may be read.
    let roots: [String]
    let libraries: [String]
    /// Whether the visitor has shown nothing: a pull needs a key or token.
    let needsKey: Bool
}

func pullListPage(_ list: PullList) -> Page {
    Page(
        title: "Pulls",
        section: .memes,
        """
        \(memeTabs(.pulls))
        \(list.form.map(pullForm))
        <section class="block" id="pulls" data-module="live" data-every="3000"><h2>All pulls</h2>
        \(table(list))
        \(list.next.map { "<p class=\"pages\"><span></span><a class=\"button\" href=\"\($0)\">Older\(Icon.arrowRight.html)</a></p>" as HTML })
        </section>
        """,
    )
}

private func table(_ list: PullList) -> HTML {
    guard !list.pulls.isEmpty else {
        return emptyState(
            .tray,
            "No pull yet. A bucket or folder that you name above is taken in, and its progress shows here.",
        )
    }
    let rows = list.pulls.map { pull -> HTML in
        """
        <tr><td><a href="/memes/pulls/\(pull.id.description)">\(pull.address.text)</a>\
        <p class="soft narrow">\(moment(pull.createdAt))</p>\(pull.error.map { "<p class=\"reason\">\($0.message)</p>" as HTML })</td>
        <td>\(pullMark(pull.state.rawValue))</td><td class="number">\(grouped(pull.listed))\(pull.isListed ? "" : "+")</td>
        <td class="wide">\(moment(pull.createdAt))</td>
        <td class="number wide">\(pull.finishedAt.map { elapsed($0 - pull.createdAt) } ?? "–")</td></tr>
        """
    }
    return """
        <div class="scroll" tabindex="0" role="region" aria-label="Pulls"><table><thead><tr><th>From</th><th>State</th>\
        <th class="number">Listed</th><th class="wide">Begun</th><th class="number wide">Took</th></tr></thead>
        <tbody>\(rows)</tbody></table></div>
        """
}

/// The state of a pull: a drawing and a word.
func pullMark(_ state: String) -> HTML {
    let (icon, status): (Icon, String) =
        switch state {
        case "running": (.repeatArrow, "processing")
        case "processing": (.repeatArrow, "processing")
        case "waiting_provider": (.clock, "retrying")
        case "paused": (.pause, "pending")
        case "done": (.check, "completed")
        case "failed": (.alert, "failed")
        default: (.minus, "pending")
        }
    let word =
        switch state {
        case "processing": "reading memes"
        case "waiting_provider": "waiting for a vision model"
        default: state
        }
    return "<span class=\"status\" data-status=\"\(status)\">\(icon.html)\(word)</span>"
}

private func pullForm(_ form: PullForm) -> HTML {
    let profiles = form.profiles.map { "<option>\($0)</option>" as HTML }
    let roots: HTML =
        form.roots.isEmpty
        ? "Folders of this machine are read when the operator names them in <code>memes.pull.local_roots</code>."
        : "Folders of this machine: \(form.roots.map { "<code>local://\($0)</code> " as HTML })"
    return """
        <form class="puller" data-module="pullform">
        <div class="row"><label class="grow">From<input name="source" required maxlength="2048" spellcheck="false" \
        autocomplete="off" placeholder="s3://bucket/folder"></label>
        <label>Library<input name="library" maxlength="200" list="known-libraries" autocomplete="off" placeholder="none"></label>
        <button class="main">Begin</button></div>
        <details><summary>More</summary><div class="row">
        <label>Profile<select name="profile">\(profiles)</select></label>
        <label>Tags<input name="tags" data-kind="list" autocomplete="off" placeholder="with commas"></label>
        <label>Only names like<input name="include" data-kind="list" spellcheck="false" placeholder="*.png"></label>
        <label>At most<input name="max_images" type="number" min="1" max="2147483647" placeholder="all"></label>
        <label class="check"><input type="checkbox" name="force"> Fetch unchanged ones too</label>
        <label class="check"><input type="checkbox" name="delete_missing"> Delete memes whose files are gone there</label>
        </div></details>
        <p class="note">\(roots)</p>
        \(form.needsKey ? "<p class=\"note\">A pull needs a token or key with the permission <code>pull</code>: your name at the top takes one.</p>" as HTML : nil)
        <p class="alert" role="alert" data-part="problem" hidden></p>
        <datalist id="known-libraries">\(form.libraries.map { "<option value=\"\($0)\"></option>" as HTML })</datalist>
        </form>
        """
}
