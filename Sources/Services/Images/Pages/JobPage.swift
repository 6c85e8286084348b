import Kernel
import Web

/// One job: its state, its steps so far, its sizes.
func jobPage(_ job: PictureView, events: [StoredEvent], mayRetry: Bool) -> Page {
    let image = job.image
    let done: HTML? = image.status.isFinal ? " data-done" : nil
    return Page(
        title: "Job of \(job.name)",
        section: .jobs,
        back: ("All jobs", "/jobs"),
        """
        <section id="job" data-module="live" data-events="/api/v1/images/jobs/\(image.jobID.description)/events"\(done)>
        <p class="actions lead">\(statusMark(image.status))\
        \(duration(of: image).map { "<span class=\"soft\">in \(elapsed($0))</span>" })\
        \(image.status == .failed && mayRetry ? retryButton(image) : nil)</p>
        \(image.error.map(problem))
        <div class="two block">
        <section><h2>What happened</h2><ol class="steps" style="margin-top:12px">\(steps(events))</ol></section>
        <section><h2>Its sizes</h2><div style="margin-top:12px">\(sizes(job))</div></section>
        </div>
        <section class="block"><h2>Facts</h2><dl class="facts" style="max-width:640px">
        \(fact("Job", "<code>\(image.jobID.description)</code>"))
        \(fact("Picture", "<a href=\"/images/\(image.id.description)\"><code>\(image.id.description)</code></a>"))
        \(fact("Attempts", "\(image.attempts)"))
        \(fact("File", "\(byteCount(image.sizeBytes)), \(image.mimeType)"))
        \(fact("Uploaded", moment(image.createdAt)))
        </dl>
        <p class="actions" style="margin-top:12px">\
        \(copyButton("curl{auth} {origin}/api/v1/images/jobs/\(image.jobID.description)", "Copy curl"))</p></section>
        </section>
        """,
    )
}

private func problem(_ reason: String) -> HTML {
    "<p class=\"alert\" style=\"margin-top:12px\">\(Icon.alert.html)<span>\(reason)</span></p>"
}

private func sizes(_ job: PictureView) -> HTML {
    guard job.variants.isEmpty, job.image.status == .failed else { return variantList(job) }
    return "<p class=\"soft\">None were made.</p>"
}

/// The first step with its time, the others with how much later they came.
private func steps(_ events: [StoredEvent]) -> [HTML] {
    events.enumerated().map { index, event in
        let (icon, words) = description(of: event)
        let when: HTML = index == 0 ? moment(event.at) : "\(elapsed(event.at - events[0].at)) later"
        return """
            <li data-kind="\(event.kind)">\(icon.html)<span>\(words)</span><span class="soft number" \
            title="\(event.at.rfc3339)">\(when)</span></li>
            """
    }
}

private func description(of event: StoredEvent) -> (Icon, String) {
    let attempt = event.detail["attempt"]?.integer
    return switch ImageEvent(rawValue: event.kind) {
    case .uploadInitiated: (.upload, "Accepted and put into the queue")
    case .processingStarted: (.picture, attempt.map { "Work began, attempt \($0)" } ?? "Work began")
    case .retryScheduled: (.clock, "Did not work; will be tried again")
    case .retryRequested: (.repeatArrow, "Put back into the queue by hand")
    case .completed: (.check, "All sizes are made")
    case .failed: (.alert, event.detail["error"]?.string ?? "Given up")
    case .deleted: (.trash, "Deleted")
    case .accessDenied: (.user, "Somebody without the right to it was refused")
    case nil: (.minus, event.kind)
    }
}
