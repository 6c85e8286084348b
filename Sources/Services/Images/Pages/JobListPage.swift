import Kernel
import Web

/// One page of jobs.
struct JobList: Sendable {
    let jobs: [PictureView]
    let status: ImageRecord.Status?
    let isFirst: Bool
    let hasMore: Bool
    /// An id that was searched for and not found.
    let search: String?

    /// The address of this list with another status or a later page.
    func url(status: ImageRecord.Status?, before: String? = nil) -> String {
        let parts = [status.map { "status=\($0.rawValue)" }, before.map { "before=\($0)" }].compactMap { $0 }
        return parts.isEmpty ? "/jobs" : "/jobs?" + parts.joined(separator: "&")
    }
}

func jobListPage(_ list: JobList) -> Page {
    Page(
        title: "Jobs",
        section: .jobs,
        action: "<a class=\"button main\" href=\"/upload\">\(Icon.upload.html)Upload</a>",
        """
        \(list.search.map(notFound))
        <nav class="tabs" aria-label="Status">\(tabs(list))</nav>
        <section id="jobs" data-module="live" data-every="2000" style="margin-top:12px">
        \(table(list))
        \(paging(list))
        </section>
        """,
    )
}

private func notFound(_ search: String) -> HTML {
    """
    <p class="alert" role="status" style="margin-bottom:16px">\(Icon.search.html)<span>No picture and no job has the id
    <code>\(String(search.prefix(80)))</code>.</span></p>
    """
}

private func tabs(_ list: JobList) -> [HTML] {
    ([nil] + ImageRecord.Status.allCases).map { status in
        let current: HTML = status == list.status ? " aria-current=\"true\"" : ""
        return "<a href=\"\(list.url(status: status))\"\(current)>\(status?.rawValue ?? "all")</a>"
    }
}

private func table(_ list: JobList) -> HTML {
    guard !list.jobs.isEmpty else {
        let sentence = list.status.map { "No job is \($0.rawValue)." } ?? "No jobs yet. Each picture you upload is one."
        return emptyState(.list, sentence)
    }
    return """
        <div class="scroll" tabindex="0" role="region" aria-label="Jobs"><table>
        <thead><tr><th class="thumb"><span class="hidden">Picture</span></th><th>Picture</th><th>Status</th>\
        <th class="wide">Uploaded</th><th class="number wide">Took</th><th class="number wide">Attempts</th></tr></thead>
        <tbody>\(list.jobs.map(row))</tbody></table></div>
        """
}

private func row(_ job: PictureView) -> HTML {
    let image = job.image
    let reason = image.error.map { "<p class=\"reason\">\($0)</p>" as HTML }
    let retry: HTML? = image.status == .failed ? "<p>\(retryButton(image))</p>" : nil
    return """
        <tr><td class="thumb"><span class="frame" \(job.frame(1))>\
        \(job.url("thumbnail").map { "<img src=\"\($0)\" alt=\"\" loading=\"lazy\">" })</span></td>
        <td><a href="/jobs/\(image.jobID.description)">\(job.name)</a>\
        <p class="soft narrow">\(moment(image.createdAt))</p>\(reason)\(retry)</td>
        <td>\(statusMark(image.status))</td><td class="wide">\(moment(image.createdAt))</td>
        <td class="number wide">\(duration(of: image).map(elapsed) ?? "–")</td>
        <td class="number wide">\(image.attempts)</td></tr>
        """
}

/// Puts a failed job back into the queue.
func retryButton(_ image: ImageRecord) -> HTML {
    """
    <button type="button" class="quiet" data-module="retry" data-job="\(image.jobID.description)">\
    \(Icon.repeatArrow.html)Try again</button>
    """
}

private func paging(_ list: JobList) -> HTML? {
    guard !list.isFirst || list.hasMore else { return nil }
    let first: HTML =
        list.isFirst ? "<span></span>" : "<a class=\"button\" href=\"\(list.url(status: list.status))\">Newest</a>"
    let last = list.hasMore ? list.jobs.last?.image.id.description : nil
    let older = last.map { id -> HTML in
        "<a class=\"button\" href=\"\(list.url(status: list.status, before: id))\">Older\(Icon.arrowRight.html)</a>"
    }
    return "<nav class=\"pages\" aria-label=\"Pages\">\(first)\(older)</nav>"
}
