import Kernel
import Web

/// Pictures in justified rows, each with its own ratio.
func pictureGrid(_ pictures: some Sequence<PictureView>) -> HTML {
    let items = pictures.map { picture -> HTML in
        """
        <li style="--ratio:\(decimal(picture.gridRatio))"><a class="frame" href="/images/\(picture.image.id.description)" \
        \(picture.frame(picture.gridRatio))><img src="\(picture.url("medium") ?? "")" srcset="\(picture.sources)" \
        sizes="(max-width: 900px) 60vw, 320px" alt="\(picture.name)" loading="lazy" decoding="async"></a></li>
        """
    }
    return "<ul class=\"grid\">\(items)</ul>"
}

/// The state of a job: a drawing and a word.
func statusMark(_ status: ImageRecord.Status) -> HTML {
    let icon: Icon
    switch status {
    case .pending: icon = .clock
    case .processing, .retrying: icon = .repeatArrow
    case .completed: icon = .check
    case .failed: icon = .alert
    }
    return "<span class=\"status\" data-status=\"\(status.rawValue)\">\(icon.html)\(status.rawValue)</span>"
}

/// The four sizes: those that are there as pictures, the others as places they will take.
func variantList(_ picture: PictureView, sizes: [String] = ["thumbnail", "medium", "large", "original"]) -> HTML {
    let items = sizes.map { name -> HTML in
        guard let variant = picture.variants.first(where: { $0.stored.name == name }) else {
            return picture.image.status.isFinal ? "" : waitingVariant(name, picture)
        }
        return finishedVariant(variant.stored, variant.url, picture)
    }
    return
        "<div data-part=\"variants\">\(picture.variants.isEmpty ? nil : savings(picture))<ul class=\"variants\">\(items)</ul></div>"
}

private func finishedVariant(_ variant: StoredVariant, _ url: String, _ picture: PictureView) -> HTML {
    """
    <li><a class="frame" href="\(url)" target="_blank" \(picture.frame(min(3, max(0.5, picture.ratio))))>\
    <img src="\(picture.url(variant.name == "thumbnail" ? "thumbnail" : "medium") ?? url)" \
    alt="\(variant.name)" decoding="async"></a>
    <span class="name">\(variant.name)</span>
    <span class="soft number">\(grouped(variant.width)) × \(grouped(variant.height)) · \(byteCount(variant.sizeBytes))\
    </span>
    \(copyButton("{origin}\(url)", "Copy URL"))</li>
    """
}

private func waitingVariant(_ name: String, _ picture: PictureView) -> HTML {
    """
    <li><span class="frame waiting" style="--ratio:\(decimal(min(3, max(0.5, picture.ratio))))">…</span>
    <span class="name">\(name)</span><span class="soft">on its way</span></li>
    """
}

/// What the sizes weigh beside the file as sent.
private func savings(_ picture: PictureView) -> HTML? {
    guard picture.image.status == .completed,
        let largest = picture.variants.last?.stored, picture.image.sizeBytes > 0
    else { return nil }
    return "<p class=\"note\" style=\"margin-bottom:8px\">\(savedSentence(largest, of: picture.image.sizeBytes))</p>"
}

private func savedSentence(_ variant: StoredVariant, of sent: Int) -> String {
    let share = 100 - (100 * variant.sizeBytes + sent / 2) / sent
    let what = "\(byteCount(variant.sizeBytes)) instead of \(byteCount(sent))"
    return share > 0 ? "The largest weighs \(what): \(share) % saved." : "The largest weighs \(what)."
}

/// Everything that was found out about a picture.
func pictureFacts(_ picture: PictureView) -> HTML {
    let image = picture.image
    let dimensions = image.facts["original_dimensions"]
    let size = dimensions?["width"]?.integer.flatMap { width in
        dimensions?["height"]?.integer.map { "\(grouped(Int(width))) × \(grouped(Int($0))) px" }
    }
    let colours = [("Dominant", "dominant"), ("Average", "average_color")].compactMap { name, key in
        image.facts[key]?.string.map { fact(name, swatch($0)) }
    }
    let codes = [("BlurHash", "blurhash"), ("ThumbHash", "thumbhash"), ("pHash", "perceptual_hash")]
    return """
        <dl class="facts" data-part="facts">
        \(size.map { fact("As sent", "\($0)") })
        \(fact("File", "\(byteCount(image.sizeBytes)), \(image.mimeType)"))
        \(fact("Bucket", "<code>\(image.bucket)</code>"))
        \(fact("Uploaded", moment(image.createdAt)))
        \(duration(of: image).map { fact("Took", "\(elapsed($0))") })
        \(colours)
        \(picture.palette.isEmpty ? nil : fact("Palette", palette(picture.palette)))
        \(codes.compactMap { name, key in image.facts[key]?.string.map { fact(name, "<code>\($0)</code>") } })
        \(fact("Picture id", "<code>\(image.id.description)</code>"))
        \(fact("Job", "<a href=\"/jobs/\(image.jobID.description)\"><code>\(image.jobID.description)</code></a>"))
        </dl>
        """
}

/// How long the work took, from its start to its end.
func duration(of image: ImageRecord) -> Duration? {
    image.completedAt.flatMap { end in image.startedAt.map { end - $0 } }
}

private func palette(_ colours: [String]) -> HTML {
    "<ul class=\"swatches\">\(colours.map { "<li>\(swatch($0))</li>" as HTML })</ul>"
}

private func swatch(_ colour: String) -> HTML {
    """
    <span class="status"><span class="swatch" style="--colour:\(colour)"></span><code>\(colour)</code></span>
    """
}

/// The line that does with curl what the page did.
func curlUpload(name: String, bucket: String) -> HTML {
    let file = name.filter { $0 != "'" && $0 != "\\" }
    return copyButton("curl{auth} -F 'file=@\(file)' -F 'bucket=\(bucket)' {origin}/api/v1/images/upload", "Copy curl")
}
