import Kernel
import Web

/// One pull: how far it is, what went wrong, and the buttons that steer it.
func pullPage(_ progress: PullProgress) -> Page {
    let pull = progress.pull
    let done: HTML? = progress.isFinal ? " data-done" : nil
    return Page(
        title: pull.address.text,
        section: .memes,
        back: ("All pulls", "/memes/pulls"),
        """
        <section id="pull" data-module="live" data-events="/pull/\(pull.id.description)/events"\(done)>
        <p class="actions lead">\(pullMark(progress.state))\(speed(progress))\(buttons(progress))</p>
        \(bar(progress))
        \(pull.error.map { "<p class=\"alert\">\(Icon.alert.html)<span>\($0.message)</span></p>" as HTML })
        \(counts(progress))
        <section class="block"><h2>What went wrong</h2>\(troubles(progress))</section>
        <div class="two block"><section><h2>What becomes of the memes</h2>\(stages(progress))</section>
        <section><h2>Facts</h2>\(facts(progress))</section></div>
        </section>
        """,
    )
}

private func speed(_ progress: PullProgress) -> HTML? {
    guard progress.rate > 0 else { return nil }
    let left = progress.remaining.map { ", \(elapsed($0)) left" } ?? ""
    return "<span class=\"soft number\">\(tenths(progress.rate)) a second\(left)</span>"
}

private func tenths(_ value: Double) -> String { String(decimal(value).dropLast(2)) }

private func buttons(_ progress: PullProgress) -> HTML {
    let stuck = (progress.counts[.failed] ?? 0) + (progress.counts[.dead] ?? 0)
    var buttons: [HTML] = []
    if progress.pull.state == .running { buttons.append(button("pause", "Pause", .pause, progress)) }
    if progress.pull.state == .paused || progress.pull.state == .failed {
        buttons.append(button("resume", "Go on", .arrowRight, progress))
    }
    if progress.pull.state == .running || progress.pull.state == .paused {
        buttons.append(button("cancel", "Cancel", .cross, progress))
    }
    if stuck > 0, progress.pull.state != .cancelled {
        buttons.append(button("retry", "Try \(grouped(stuck)) failed again", .repeatArrow, progress))
    }
    return "\(buttons)"
}

private func button(_ verb: String, _ word: String, _ icon: Icon, _ progress: PullProgress) -> HTML {
    """
    <button type="button" id="\(verb)-pull" data-module="post" data-part="pull" \
    data-url="/pull/\(progress.pull.id.description)/\(verb)">\(icon.html)\(word)</button>
    """
}

/// Of what is listed, how much is settled.
private func bar(_ progress: PullProgress) -> HTML {
    let listed = max(1, progress.pull.listed)
    let settled = progress.pull.listed - (progress.counts[.listed] ?? 0)
    let more = progress.pull.isListed || progress.isFinal ? "" : ", and the listing goes on"
    return """
        <progress max="\(listed)" value="\(settled)" aria-label="Progress">\(settled) of \(listed)</progress>
        <p class="note">\(grouped(settled)) of \(grouped(progress.pull.listed)) objects settled\(more)</p>
        """
}

private func counts(_ progress: PullProgress) -> HTML {
    let reasons = progress.skipped.sorted { $0.key < $1.key }.map { "\(grouped($0.value)) \(skipWord($0.key))" }
    let tiles: [(String, PullItem.State, String)] = [
        ("New memes", .done, ""), ("Known already", .duplicate, "equal bytes"),
        ("Waiting", .listed, "to be fetched"), ("Skipped", .skipped, reasons.joined(separator: ", ")),
        ("Of no use", .failed, "no try would help"), ("Given up", .dead, "after several tries"),
        ("Cancelled", .cancelled, ""),
    ]
    let shown = tiles.filter { $0.1 != .cancelled || progress.counts[.cancelled] != nil }
    return """
        <dl class="tiles">\(shown.map { name, state, note in
            "<div><dt>\(name)</dt><dd>\(grouped(progress.counts[state] ?? 0)) <small>\(note)</small></dd></div>" as HTML
        })</dl>
        """
}

private func skipWord(_ reason: String) -> String {
    switch reason {
    case "not_image": "no pictures"
    case "too_large": "too large"
    default: reason
    }
}

private func troubles(_ progress: PullProgress) -> HTML {
    guard !progress.troubles.isEmpty else { return emptyState(.check, "Nothing so far.") }
    let rows = progress.troubles.map { trouble -> HTML in
        """
        <tr><td><code>\(trouble.reason)</code><p class="soft">\(trouble.category)</p></td>\
        <td class="number">\(grouped(trouble.count))</td>\
        <td><code>\(trouble.sampleKey)</code><p class="reason">\(trouble.message)</p></td></tr>
        """
    }
    return """
        <div class="scroll" tabindex="0" role="region" aria-label="What went wrong"><table><thead><tr><th>Class</th>\
        <th class="number">Objects</th><th>For example</th></tr></thead><tbody>\(rows)</tbody></table></div>
        """
}

private func stages(_ progress: PullProgress) -> HTML {
    let rows = MemeStage.allCases.map { stage -> HTML in
        let counts = progress.stages[stage] ?? [:]
        let name =
            switch stage {
            case .read: "Read"
            case .describe: "Described"
            case .embed: "Compared by meaning"
            }
        let others = [("skipped", "passed over"), ("failed", "given up")].compactMap { state, word in
            counts[state].map { "\(grouped($0)) \(word)" }
        }
        let rest = others.isEmpty ? "" : ", " + others.joined(separator: ", ")
        return fact(name, "\(grouped(counts["done"] ?? 0))\(rest)")
    }
    return """
        <dl class="facts">\(rows)\(fact("Still at work", "\(grouped(progress.unfinished)) memes"))</dl>
        """
}

/// Memes of earlier pulls whose objects the source has no more.
private func missing(_ count: Int, _ pull: Pull) -> HTML {
    guard count > 0 else { return "nothing" }
    return "\(grouped(count)) of earlier pulls\(pull.deleted > 0 ? ", deleted here" : ", kept here")"
}

private func facts(_ progress: PullProgress) -> HTML {
    let pull = progress.pull
    return """
        <dl class="facts">
        \(fact("Begun", moment(pull.createdAt)))
        \(pull.finishedAt.map { fact("Ended", moment($0)) })
        \(pull.finishedAt.map { fact("Took", "\(elapsed($0 - pull.createdAt))") })
        \(fact("Fetched", "\(byteCount(progress.bytes))"))
        \(pull.options.library.map { fact("Library", "\($0)") })
        \(pull.options.tags.isEmpty ? nil : fact("Tags", "\(pull.options.tags.joined(separator: ", "))"))
        \(pull.missing.map { fact("Gone from there", missing($0, pull)) })
        \(fact("Profile", "\(pull.profile)"))
        \(pull.lastKey.map { fact("Listed up to", "<code>\($0)</code>") })
        \(fact("Pull id", "<code>\(pull.id.description)</code>"))
        </dl>
        <p class="actions">\(copyButton("curl{auth} {origin}/pull/\(pull.id.description)", "Copy curl"))</p>
        """
}
