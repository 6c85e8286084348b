import Accounts
import HTTPServer
import Kernel
import Web

/// The page on which people translate pictures.
struct TranslatePages: Sendable {
    let desk: TranslationDesk
    let settings: TranslationSettings
    let tasks: TaskStore

    /// `GET /translate`: takes pictures, shows each on its way and lets its words be changed.
    func start(_ request: Request) async throws -> Response {
        .page(translatePage(task: nil), for: request.principal.map { $0.name ?? $0.subject })
    }

    /// `GET /translate/{task_id}`: a task that was begun before, in this tab or another.
    func task(_ request: Request) async throws -> Response {
        let state = try await tasks.requested(by: request)
        return .page(translatePage(task: state.task), for: request.principal.map { $0.name ?? $0.subject })
    }

    private func translatePage(task: TranslationTask?) -> Page {
        Page(
            title: "Translate",
            section: .translate,
            back: task == nil ? nil : ("New pictures", "/translate"),
            """
            <section data-module="translate" data-task="\(task?.id.description ?? "")">
            \(form(task?.target))
            <p class="actions" data-part="tools" hidden><span class="soft" data-part="summary" role="status"></span>
            <a class="button" data-part="archive" download>\(Icon.tray.html)<span>All as ZIP</span></a>
            <button type="button" class="quiet danger" data-part="delete">\(Icon.trash.html)<span>Delete</span></button></p>
            <p class="note" data-part="skipped" hidden></p>
            <ol class="translations" aria-label="Pictures"></ol>
            \(card)
            </section>
            <section class="block"><h2>The same from a shell</h2>
            <p class="actions"><code>pictor translate sign.png --to Spanish</code>
            \(copyButton("curl {origin}/api/v1/translate{auth} -F file=@sign.png -F target_language=Spanish", "Copy as curl"))
            </p></section>
            """,
        )
    }

    private func form(_ target: String?) -> HTML {
        """
        <form class="languages"><div class="drop">
        \(Icon.translate.html)
        <p class="lead">Drop pictures with words anywhere on this page, or paste one</p>
        <p class="actions"><label class="hidden" for="target">Into</label>
        <select id="target" name="target_language">\(options(target))</select>
        <label class="button main">Choose files<input type="file" multiple \
        accept="\(accepted)"></label></p>
        <p class="note">Up to \(settings.maxImages) pictures of \(settings.maxFileBytes >> 20) MiB at a time, also in a ZIP or
        CBZ archive, or pages of a PDF. Outside of the words no pixel changes. Results stay for \(elapsedHours).</p>
        </div></form>
        """
    }

    /// Types, and endings that systems know no type for.
    private var accepted: String {
        (settings.pictureTypes + ["application/pdf", "application/zip", ".cbz", ".heic", ".heif"])
            .joined(separator: ",")
    }

    private var elapsedHours: String { "\(Int(settings.retention.seconds / 3600)) hours" }

    /// The languages that somebody reaches; the others cannot be chosen.
    private func options(_ chosen: String?) -> [HTML] {
        let reachable = Language.all.filter { !desk.candidates(nil, from: nil, to: $0).isEmpty }
        let standard = chosen ?? (reachable.first { $0.code == "es" } ?? reachable.first)?.code
        return Language.all.map { language in
            let mark: HTML = language.code == standard ? " selected" : ""
            let state: HTML = reachable.contains(language) ? "" : " disabled"
            return "<option value=\"\(language.code)\"\(mark)\(state)>\(language.name)</option>"
        }
    }

    /// What one picture becomes; the script fills it.
    private var card: HTML {
        """
        <template><li class="translation">
        <header><strong data-part="name"></strong>
        <span class="status" data-part="state" role="status"></span>
        <a class="button" data-part="download" download hidden>\(Icon.tray.html)<span>Download</span></a></header>
        <progress data-part="progress" aria-label="Progress"></progress>
        <div class="side" data-part="result" hidden>
        <div><div class="compare"><img data-part="original" alt="The picture as sent">
        <img data-part="image" alt="The picture with its words translated"><i aria-hidden="true"></i>
        <input type="range" min="0" max="100" value="0" aria-label="How much of the original is shown, from the left"></div>
        <p class="note" data-part="how"></p></div>
        <ol class="blocks" data-part="blocks" aria-label="Texts"></ol></div>
        <div class="alert" data-part="problem" role="alert" hidden>\(Icon.alert.html)<p data-part="reason"></p></div>
        </li></template>
        <template data-part="block"><li class="text"><p class="soft" data-part="source"></p>
        <textarea rows="2" aria-label="Translation" spellcheck="false"></textarea>
        <p class="actions"><button type="button" class="quiet" data-part="undo">Undo</button>
        <label><input type="checkbox"> Keep the original</label><span class="note" data-part="flags"></span></p></li></template>
        """
    }
}
