import MemeSearch
import Web

/// A field of the form, by the name that the interface gives it.
private struct FormField {
    let name: String
    let field: MemeField
    let title: String
    var isLong = false
    var list: String?
}

private let fields = [
    FormField(name: "ocr", field: .ocr, title: "Words on it", isLong: true),
    FormField(name: "tags", field: .keywords, title: "Tags", list: "known-tags"),
    FormField(name: "emotions", field: .emotions, title: "Emotions", list: "known-emotions"),
    FormField(name: "title", field: .title, title: "Title"),
    FormField(name: "meaning", field: .meaning, title: "Meaning", isLong: true),
    FormField(name: "scene", field: .scene, title: "When to send it"),
    FormField(name: "subjects", field: .subjects, title: "Shows"),
    FormField(name: "template", field: .template, title: "Template"),
]

/// Everything a person may settle; what they wrote is theirs until they take it back.
func memeForm(_ view: MemeView) -> HTML {
    """
    <form data-part="texts" class="texts">
    \(fields.map { input($0, view) })
    <p class="actions"><button class="main">Save</button><span class="note" role="status" data-part="saved"></span></p>
    <p class="note">Lists are separated by commas. What you write counts from then on, whatever models say.</p>
    </form>
    \(emotionList)
    """
}

/// The same for somebody who may only look.
func memeWords(_ view: MemeView) -> HTML {
    let facts = fields.compactMap { field -> HTML? in
        let text = value(of: field, view)
        return text.isEmpty ? nil : fact(field.title, "\(text)")
    }
    return facts.isEmpty ? "<p class=\"soft\">Nothing is known of it yet.</p>" : "<dl class=\"facts\">\(facts)</dl>"
}

/// The names of emotions for inputs to choose from.
let emotionList: HTML = """
    <datalist id="known-emotions">\(Emotion.all.map { "<option value=\"\($0.name)\"></option>" as HTML })</datalist>
    """

private func input(_ field: FormField, _ view: MemeView) -> HTML {
    let text = value(of: field, view)
    let kind = field.field.isList ? "list" : "text"
    let control: HTML =
        field.isLong
        ? "<textarea name=\"\(field.name)\" data-kind=\"\(kind)\" rows=\"2\" maxlength=\"2000\">\(text)</textarea>"
        : """
        <input name="\(field.name)" data-kind="\(kind)" value="\(text)" maxlength="2000" autocomplete="off" \
        \(field.list.map { "list=\"\($0)\"" as HTML })>
        """
    return """
        <div><label>\(field.title)\(control)</label>\(origin(of: field, view))</div>
        """
}

/// Who said it.
private func origin(_ provenance: Provenance, confidence: Double?) -> String {
    let sure = confidence.map { ", \(Int(($0 * 100).rounded())) % sure" } ?? ""
    return switch provenance {
    case .human: "written by a person"
    case .vlm: "said by a model\(sure)"
    case .ocr: "read from the picture\(sure)"
    case .filename: "from the file's name"
    }
}

private func origin(of field: FormField, _ view: MemeView) -> HTML? {
    guard let text = view.card.texts.text(field.field) else { return nil }
    let words = origin(text.provenance, confidence: text.confidence)
    guard text.provenance == .human else { return "<p class=\"note\">\(words)</p>" }
    return """
        <p class="note locked">\(Icon.lock.html)<span>\(words)</span>\
        <button type="button" class="quiet" data-action="unlock" data-field="\(field.name)">Take it back</button></p>
        """
}

private func value(of field: FormField, _ view: MemeView) -> String {
    if field.field == .ocr { return view.card.texts.readableWords }
    return view.card.texts.values(field.field).joined(separator: field.field.isList ? ", " : " ")
}

/// What everybody said, believed or not.
func everythingSaid(_ texts: [MemeText]) -> HTML? {
    guard !texts.isEmpty else { return nil }
    let rows = texts.sorted { ($0.field.rawValue, $1.provenance) < ($1.field.rawValue, $0.provenance) }.map {
        text -> HTML in
        """
        <tr><td>\(text.field.rawValue)</td><td>\(origin(text.provenance, confidence: text.confidence))</td>\
        <td class="reason">\(text.values.joined(separator: ", "))</td></tr>
        """
    }
    return """
        <details class="block"><summary>Everything that was said of it</summary>
        <div class="scroll" tabindex="0" role="region" aria-label="Everything that was said"><table><thead><tr><th>What</th>\
        <th>Who</th><th>Words</th></tr></thead><tbody>\(rows)</tbody></table></div></details>
        """
}
