import Images
import Imaging
import Web

/// The main action of the search page; the part below it does the work.
let addButton: HTML = """
    <label class="button main file" for="new-memes">\(Icon.upload.html)Add memes</label>
    """

/// Takes memes by drop, paste or button, and shows each until it can be found. It is not to be seen before.
func uploadPart(_ settings: MemesSettings) -> HTML {
    let types = ImageFormat.accepted.map(\.mimeType).joined(separator: ",")
    return """
        <section class="adder" data-module="memeupload">
        <input class="hidden" type="file" id="new-memes" multiple accept="\(types)" \
        aria-label="Add memes, up to \(settings.maxFileBytes / 1_048_576) MiB each">
        <p class="drop" hidden>\(Icon.upload.html)<strong>Drop memes to add them</strong></p>
        <ol class="uploads" aria-label="New memes"></ol>
        <template><li class="upload"><header><img data-part="preview" alt="" width="56" height="56"><div>
        <p class="line"><strong data-part="name"></strong><span class="soft number" data-part="size"></span></p>
        <progress data-part="progress" max="1" value="0" aria-label="Progress"></progress>
        <p class="line" role="status"><span data-part="state"></span><span class="soft number" data-part="detail"></span></p>
        </div><button type="button" class="quiet" data-part="close">Stop</button></header></li></template>
        </section>
        """
}
