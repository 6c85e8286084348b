import Kernel
import Web

/// What became of a meme, stage by stage.
func memeHistory(_ view: MemeView) -> HTML {
    let meme = view.meme
    let arrived: HTML = step("upload", .tray, "Came in", "\(moment(meme.createdAt))")
    let stages = view.stages.map(stage)
    let waiting: HTML? =
        meme.status == .partial
        ? step("partial", .clock, "More is being found out; it can be found by what is known", "") : nil
    return """
        <ol class="steps">\(arrived)\(stages)\(waiting)\
        \(step("changed", .repeatArrow, "Last changed", "\(moment(meme.updatedAt))"))</ol>
        """
}

private func stage(_ result: StageResult) -> HTML {
    let (done, name) =
        switch result.stage {
        case .read: ("Its words were read", "Reading its words")
        case .describe: ("A model described it", "Describing it")
        case .embed: ("Its meaning was compared", "Comparing its meaning")
        }
    return switch result.state {
    case .done: step("completed", .check, done, "<code>\(result.version)</code>")
    case .skipped: step("skipped", .minus, "\(name) was passed over", "\(result.detail)")
    case .failed: step("failed", .alert, "\(name) was given up", "\(result.detail)")
    }
}

private func step(_ kind: String, _ icon: Icon, _ words: String, _ detail: HTML) -> HTML {
    """
    <li data-kind="\(kind)">\(icon.html)<span>\(words)<br><span class="soft">\(detail)</span></span></li>
    """
}

/// The file behind a meme, and where it came from.
func memeFacts(_ view: MemeView) -> HTML {
    let meme = view.meme
    let frames = meme.frames > 1 ? ", \(grouped(meme.frames)) frames" : ""
    let colours = namesOfColours(meme.colours).prefix(5).joined(separator: ", ")
    let sources = view.sources.map { source -> HTML in
        switch source.prefix(while: { $0 != ":" }) {
        case "upload": "an upload<br>"
        case "pack": "a pack<br>"
        default: "<code>\(source)</code><br>"
        }
    }
    let libraries = view.libraries.joined(separator: ", ")
    return """
        <dl class="facts">
        \(fact("File", "\(meme.fileName)"))
        \(fact("Size", "\(grouped(meme.width)) × \(grouped(meme.height)) px, \(byteCount(meme.sizeBytes)), \(meme.mimeType)\(frames)"))
        \(libraries.isEmpty ? nil : fact("Libraries", "\(libraries)"))
        \(colours.isEmpty ? nil : fact("Colours", "\(colours)"))
        \(sources.isEmpty ? nil : fact("From", "\(sources)"))
        \(fact("Sent", "\(grouped(meme.sent)) times, liked \(grouped(meme.likes)), disliked \(grouped(meme.dislikes))"))
        \(fact("Meme id", "<code>\(meme.id.description)</code>"))
        </dl>
        <p class="actions">\(copyButton("{origin}/memes/\(meme.id.description)", "Copy link"))\
        \(copyButton("curl{auth} {origin}/meme/\(meme.id.description)", "Copy curl"))</p>
        """
}
