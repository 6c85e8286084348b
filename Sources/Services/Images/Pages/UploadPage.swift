import Kernel
import Web

/// What the upload panel needs to know.
struct UploadForm: Sendable {
    /// Where pictures go unless the visitor says otherwise.
    let bucket: String
    let quota: UploadQuota.State?
    let settings: ImagesSettings
}

func uploadPage(_ form: UploadForm) -> Page {
    Page(
        title: "Upload",
        section: .upload,
        """
        \(uploadPanel(form))
        <section class="block"><h2>The same from a shell</h2>
        <p class="actions"><code>curl -F file=@photo.jpg -F bucket=\(form.bucket) …/api/v1/images/upload</code>
        \(curlUpload(name: "photo.jpg", bucket: form.bucket))</p>
        <p class="note">or whole folders, with a progress bar: <code>pictor upload FOLDER</code></p></section>
        """,
    )
}

/// Takes pictures by drop, paste or button and shows each on its way. Without the script it is a plain form.
func uploadPanel(_ form: UploadForm) -> HTML {
    let types = form.settings.allowedTypes.map { $0.replacingPrefix("image/").uppercased() }.joined(separator: ", ")
    return """
        <section data-module="upload">
        <form action="/api/v1/images/upload" method="post" enctype="multipart/form-data">
        <div class="drop">
        \(Icon.upload.html)
        <p class="lead">Drop pictures anywhere on this page, or paste one</p>
        <label class="button main">Choose files<input type="file" name="file" multiple \
        accept="\(form.settings.allowedTypes.joined(separator: ","))"></label>
        <p class="note">\(types), up to \(form.settings.maxUploadBytes / 1_048_576) MiB each. Every picture is turned
        upright, cleared of its metadata and made into four WebP sizes. The work goes on when you close the tab.</p>
        </div>
        <div class="beneath">
        <details><summary>Where they go, and what will do</summary>
        <label>Bucket<input name="bucket" value="\(form.bucket)" required maxlength="255" spellcheck="false"></label>
        <p class="note">A plain name is readable by everyone; <code>users/NAME/</code> and <code>groups/NAME/</code>
        are private.</p>
        <label><input type="checkbox" name="lenient" value="1"> Take files whose end is missing, as far as they go</label>
        </details>
        <p class="note" data-part="quota">\(form.quota.map(quotaSentence) ?? "")</p>
        </div>
        </form>
        <ol class="uploads" aria-label="Uploads"></ol>
        \(uploadCard)
        </section>
        """
}

private func quotaSentence(_ quota: UploadQuota.State) -> String {
    let left = "\(grouped(quota.remaining)) of \(grouped(quota.limit)) uploads left"
    let time = quota.resetAt.rfc3339.dropFirst(11).prefix(5)
    return quota.used == 0 ? left : "\(left), all of them again at \(time) UTC"
}

/// What one file becomes; the script fills it.
private let uploadCard: HTML = """
    <template><li class="upload">
    <header><img data-part="preview" alt="" width="56" height="56"><div>
    <p class="line"><strong data-part="name"></strong><span class="soft number" data-part="size"></span></p>
    <progress data-part="progress" max="1" value="0" aria-label="Progress"></progress>
    <p class="line" role="status"><span data-part="state"></span><span class="soft number" data-part="detail"></span></p>
    </div>
    <button type="button" class="quiet" data-part="cancel">Stop</button></header>
    <div class="alert" data-part="problem" role="alert" hidden>\(Icon.alert.html)<div>
    <p data-part="reason"></p><p class="note mono" data-part="request"></p></div></div>
    <p class="actions"><button type="button" data-part="retry" hidden>\(Icon.repeatArrow.html)<span>Try again</span>\
    </button></p>
    <div class="side" data-part="result" hidden>
    <div class="source"><h3>As sent</h3><img data-part="preview" alt="The picture as sent"></div>
    <div><h3>Its sizes</h3><div data-part="variants"></div>
    <details><summary>Facts</summary><div data-part="facts"></div></details></div></div>
    </li></template>
    """

extension String {
    fileprivate func replacingPrefix(_ prefix: String) -> String {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
    }
}
