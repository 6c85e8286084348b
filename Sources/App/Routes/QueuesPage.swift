import Jobs
import Kernel
import Web

/// Is the work keeping up, what runs, what was given up.
func queuesPage(_ queues: [QueueOverview], running: [Job], dead: [Job], now: Timestamp) -> Page {
    Page(
        title: "Queues",
        section: .dashboard,
        back: ("Dashboard", "/dashboard/"),
        """
        <div id="queues" data-module="live" data-every="2000">
        \(verdict(queues, now))
        \(pausedBlock(queues.flatMap(\.paused), now))
        <section class="block"><h2>What is it doing</h2>\(table(queues, now))</section>
        <section class="block"><h2>Running now</h2>\(runningTable(running, now))</section>
        <section class="block"><h2>Given up</h2>\(deadTable(dead))</section>
        </div>
        """,
    )
}

/// A person is needed when a job was given up lately or one waits for minutes.
private func verdict(_ queues: [QueueOverview], _ now: Timestamp) -> HTML {
    let late = queues.filter { $0.waitingSince.map { now - $0 > .seconds(120) } ?? false }
    let failing = queues.filter { $0.deadLastHour > 0 }
    let paused = queues.flatMap(\.paused)
    let isWell = late.isEmpty && failing.isEmpty && paused.isEmpty
    let reasons =
        paused.map { "\($0.kind) is paused: it kept failing." }
        + late.map { queue in
            "\(queue.queue): \(grouped(queue.ready)) wait, the oldest for \(elapsed(now - (queue.waitingSince ?? now)))."
        } + failing.map { "\($0.queue): \(grouped($0.deadLastHour)) given up in the last hour." }
    return """
        <section class="verdict" data-state="\(isWell ? "good" : "bad")" aria-label="Is it well?">\((isWell ? Icon.check : .alert).html)
        <strong>\(isWell ? "The work keeps up" : "Somebody should look")</strong>
        <p>\(isWell ? "Nothing waits for long, and nothing was given up in the last hour." : reasons.joined(separator: " "))</p>
        </section>
        """
}

private func table(_ queues: [QueueOverview], _ now: Timestamp) -> HTML {
    guard !queues.isEmpty else { return emptyState(.list, "No queue is known to this process, and no job waits.") }
    return """
        <div class="scroll" tabindex="0" role="region" aria-label="Queues"><table><thead><tr><th>Queue</th>\
        <th class="number">Ready</th><th class="number">Running</th>\
        <th class="number wide">At once</th><th class="number wide">Delayed</th>\
        <th class="number">Oldest waits</th><th class="number wide">Done in a minute</th>\
        <th class="number wide">Waited p50 / p95</th><th class="number wide">Worked p50 / p95</th>\
        <th class="number">Given up</th></tr></thead><tbody>\(queues.map { row($0, now) })</tbody></table></div>
        """
}

private func row(_ queue: QueueOverview, _ now: Timestamp) -> HTML {
    """
    <tr><td>\(queue.queue)</td><td class="number">\(grouped(queue.ready))</td>\
    <td class="number">\(grouped(queue.running))</td><td class="number wide">\(concurrency(queue))</td>\
    <td class="number wide">\(grouped(queue.delayed))</td>\
    <td class="number">\(queue.waitingSince.map { elapsed(now - $0) } ?? "–")</td>\
    <td class="number wide">\(grouped(queue.doneLastMinute))</td>\
    <td class="number wide">\(quantiles(queue.waits))</td><td class="number wide">\(quantiles(queue.works))</td>\
    <td class="number">\(grouped(queue.dead))</td></tr>
    """
}

/// How many jobs may run at once, and why not more when some wait for it.
private func concurrency(_ queue: QueueOverview) -> HTML {
    switch queue.limitingFactor {
    case nil: "nobody"
    case .none?, .fixed?: "\(grouped(queue.concurrency))"
    case .queueWait?: "\(grouped(queue.concurrency)), growing"
    case .max?: "\(grouped(queue.concurrency)), the most"
    case .quota?: "\(grouped(queue.concurrency)), as many as the quotas can use"
    case .memory?: "\(grouped(queue.concurrency)), no memory for more"
    case .coolDown?: "\(grouped(queue.concurrency)), just grown"
    case .breakerOpen?: "paused"
    }
}

/// What kept failing, with a button to let it go on; nothing when nothing did.
private func pausedBlock(_ kinds: [PausedKind], _ now: Timestamp) -> HTML {
    guard !kinds.isEmpty else { return "" }
    let rows = kinds.map { paused -> HTML in
        let end: HTML =
            switch (paused.state, paused.resumesAt) {
            case (.halfOpen, _): "one job runs to find out"
            case (_, let time?) where time <= now: "as soon as one job waits and finds out"
            case (_, let time?): "one job finds out, \(moment(time))"
            case (_, nil): "when you resume it"
            }
        return """
            <tr><td>\(paused.kind)<p class="reason">\(paused.reason)</p></td><td class="wide">\(paused.queue)</td>\
            <td class="wide">\(moment(paused.since))</td><td class="wide">\(end)</td>\
            <td><button type="button" class="quiet" id="resume-\(paused.kind)" data-module="post" \
            data-url="/api/v1/queues/kinds/\(paused.kind)/resume" data-part="queues">\(Icon.repeatArrow.html)Resume</button>\
            </td></tr>
            """
    }
    return """
        <section class="block"><h2>Paused</h2>\
        <p class="soft">These kept failing. Their jobs wait and lose no tries.</p>\
        <div class="scroll" tabindex="0" role="region" aria-label="Paused kinds of jobs"><table><thead><tr>\
        <th>Kind</th><th class="wide">Queue</th><th class="wide">Since</th><th class="wide">Goes on</th>\
        <th><span class="hidden">Actions</span></th></tr></thead><tbody>\(rows)</tbody></table></div></section>
        """
}

private func quantiles(_ values: [Duration]) -> String {
    guard let middle = QueueOverview.quantile(0.5, of: values), let high = QueueOverview.quantile(0.95, of: values)
    else { return "–" }
    return "\(elapsed(middle)) / \(elapsed(high))"
}

private func runningTable(_ jobs: [Job], _ now: Timestamp) -> HTML {
    guard !jobs.isEmpty else { return "<p class=\"soft\">Nothing runs at this moment.</p>" }
    let rows = jobs.map { job -> HTML in
        let progress = job.progress.map { "\(Int(($0 * 100).rounded())) %" } ?? "–"
        return """
            <tr><td>\(identity(job))</td><td class="wide">\(job.queue)</td><td class="number">\(job.tries)</td>\
            <td class="number">\(progress)</td>\
            <td class="number">\(job.startedAt.map { elapsed(now - $0) } ?? "–")</td>\
            <td>\(action(job, "cancel", "Cancel", .cross))</td></tr>
            """
    }
    return """
        <div class="scroll" tabindex="0" role="region" aria-label="Running jobs"><table><thead><tr><th>Job</th>\
        <th class="wide">Queue</th><th class="number">Try</th><th class="number">Done</th><th class="number">For</th>\
        <th><span class="hidden">Actions</span></th></tr></thead><tbody>\(rows)</tbody></table></div>
        """
}

private func deadTable(_ jobs: [Job]) -> HTML {
    guard !jobs.isEmpty else { return emptyState(.check, "No job was given up.") }
    let rows = jobs.map { job -> HTML in
        """
        <tr><td>\(identity(job))<p class="reason">\(job.reason?.detail ?? "")</p>\
        <p class="soft narrow">\(job.finishedAt.map(moment))</p></td>\
        <td class="wide">\(job.queue)</td><td class="number wide">\(job.tries)</td>\
        <td class="wide">\(job.finishedAt.map(moment))</td><td>\(action(job, "requeue", "Try again", .repeatArrow))</td></tr>
        """
    }
    return """
        <p class="soft">The latest \(jobs.count). All of them at once: <code>pictor jobs requeue --all</code></p>
        <div class="scroll" tabindex="0" role="region" aria-label="Jobs given up"><table><thead><tr><th>Job</th>\
        <th class="wide">Queue</th><th class="number wide">Tries</th><th class="wide">When</th>\
        <th><span class="hidden">Actions</span></th></tr></thead><tbody>\(rows)</tbody></table></div>
        """
}

private func identity(_ job: Job) -> HTML {
    "\(job.kind)<br><code title=\"\(job.id.description)\">…\(String(job.id.description.suffix(12)))</code>"
}

private func action(_ job: Job, _ verb: String, _ word: String, _ icon: Icon) -> HTML {
    """
    <button type="button" class="quiet" id="\(verb)-\(job.id.description)" data-module="post" \
    data-url="/api/v1/queues/jobs/\(job.id.description)/\(verb)" data-part="queues">\(icon.html)\(word)</button>
    """
}
