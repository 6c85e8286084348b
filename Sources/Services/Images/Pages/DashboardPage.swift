import Web

/// Is it well, what is it doing, what went wrong: the script fills in what `/dashboard/data` says.
let dashboardPage = Page(
    title: "Dashboard",
    section: .dashboard,
    """
    <div data-module="dashboard" aria-busy="true">
    <noscript><p>The numbers need JavaScript; they are also at <a href="/dashboard/data">/dashboard/data</a>.</p></noscript>
    <section class="verdict" aria-label="Is it well?">
    <span data-for="good" hidden>\(Icon.check.html)</span><span data-for="bad" hidden>\(Icon.alert.html)</span>
    <strong>One moment</strong><span class="live" role="status">Connecting</span>
    <p data-part="why">Asking every part whether it answers.</p>
    </section>
    <dl class="tiles">
    \(tile("Running for", value("system.uptime_human")))
    \(tile("Processor", "\(value("system.resources.cpu.percent", "percent"))\(meter("system.resources.cpu.percent", "Processor"))"))
    \(tile("Memory", "\(value("system.resources.memory.percent", "percent"))\(meter("system.resources.memory.percent", "Memory"))"))
    \(tile("Disk", "\(value("storage.disk_percent_used", "percent"))\(meter("storage.disk_percent_used", "Disk"))"))
    \(tile("This process", value("system.resources.process.memory_rss_mb", "megabytes")))
    </dl>
    <section class="block"><header><h2>What is it doing</h2><span class="soft" data-part="hour"></span>
    <a href="/dashboard/queues">Queues</a></header>
    <svg class="spark" viewBox="0 0 300 60" preserveAspectRatio="none" role="img" aria-label="Uploads per minute">
    <path class="area"/><path class="line"/></svg>
    <p class="axis"><span>one hour ago</span><span>uploads per minute</span><span>now</span></p>
    <dl class="tiles">
    \(tile("Waiting", value("celery.tasks.scheduled", "number")))
    \(tile("Running", "\(value("celery.tasks.active", "number"))<small> of \(value("celery.workers.active", "number")) workers</small>"))
    \(tile("Done in 24 h", value("processing.performance.last_24h.completed", "number")))
    \(tile("Half take under (p50)", value("processing.performance.last_24h.p50_processing_time_seconds", "seconds")))
    \(tile("95 % take under (p95)", value("processing.performance.last_24h.p95_processing_time_seconds", "seconds")))
    \(tile("Stored", "\(value("storage.total_bytes", "bytes"))<small> in \(value("storage.total_files", "number")) files</small>"))
    </dl></section>
    <div class="two block">
    \(recentJobs)
    \(failures)
    </div>
    \(limits)
    \(configuration)
    </div>
    """,
)

private let recentJobs: HTML = """
    <section><h2>Recent jobs</h2><p class="soft" data-part="none" hidden>None yet.</p>
    <table hidden><thead><tr><th>Job</th><th>Status</th><th>Uploaded</th><th class="number">Took</th></tr></thead>
    <tbody data-each="processing.recent_jobs"><template><tr>
    <td><a data-link="/jobs/" href="/jobs"><code data-bind="job_id" data-format="tail"></code></a></td>
    <td><span class="status" data-status=""><span data-bind="status"></span></span></td>
    <td><time data-time="created_at"></time></td>
    <td class="number" data-bind="processing_time_seconds" data-format="seconds"></td></tr></template></tbody></table>
    </section>
    """

private let failures: HTML = """
    <section><h2>What went wrong</h2>
    <p class="soft"><span data-bind="errors.error_summary.last_hour" data-format="number">0</span> in the last hour,
    <span data-bind="errors.error_summary.last_24h" data-format="number">0</span> in 24 hours.
    <a href="/jobs?status=failed">All failed jobs</a></p>
    <p class="soft" data-part="none" hidden>Nothing has failed.</p>
    <table hidden><thead><tr><th>Job</th><th>Reason</th><th>When</th></tr></thead>
    <tbody data-each="errors.recent_failures"><template><tr>
    <td><a data-link="/jobs/" href="/jobs"><code data-bind="job_id" data-format="tail"></code></a></td>
    <td class="reason" data-bind="error"></td><td><time data-time="failed_at"></time></td></tr></template></tbody></table>
    </section>
    """

private let limits: HTML = """
    <section class="block"><h2>Near their upload limit</h2><p class="soft" data-part="none" hidden>Nobody.</p>
    <table hidden><thead><tr><th>User</th><th class="number">Uploads</th><th class="number">Of</th></tr></thead>
    <tbody data-each="rate_limits.users_near_limit"><template><tr><td data-bind="user_id"></td>
    <td class="number" data-bind="count" data-format="number"></td>
    <td class="number" data-bind="limit" data-format="number"></td></tr></template></tbody></table></section>
    <section><h3>Organizations</h3><p class="soft" data-part="none" hidden>None.</p>
    <table hidden><thead><tr><th>Organization</th><th class="number">Uploads</th><th class="number">Of</th></tr></thead>
    <tbody data-each="rate_limits.organizations_near_limit"><template><tr><td data-bind="organization_id"></td>
    <td class="number" data-bind="count" data-format="number"></td>
    <td class="number" data-bind="limit" data-format="number"></td></tr></template></tbody></table></section>
    """

private let configuration: HTML = """
    <section class="block"><h2>Configuration</h2><dl class="facts" style="max-width:640px">
    \(fact("Service", "\(value("system.service_name")) \(value("system.version"))"))
    \(fact("Database", "\(value("database.path")), \(value("database.size_mb", "megabytes"))"))
    \(fact("Storage", value("storage.path")))
    \(fact("Uploads", uploadLimits))
    \(fact("Accepts", value("configuration.allowed_mime_types", "list")))
    \(fact("Sizes", value("configuration.image_sizes", "sizes")))
    \(fact("WebP quality", value("configuration.webp_quality", "number")))
    </dl></section>
    """

private let uploadLimits: HTML = """
    \(value("rate_limits.summary")), up to \
    \(value("configuration.max_upload_size_mb", "number")) MiB each
    """

private func tile(_ name: String, _ value: HTML) -> HTML { "<div><dt>\(name)</dt><dd>\(value)</dd></div>" }

/// A value of `/dashboard/data`, by its path, in one of the script's formats.
private func value(_ path: String, _ format: String = "text") -> HTML {
    "<span class=\"skeleton\" data-bind=\"\(path)\" data-format=\"\(format)\">0 000</span>"
}

private func meter(_ path: String, _ name: String) -> HTML {
    """
    <span class="bar" data-meter="\(path)" role="meter" aria-label="\(name)" aria-valuemin="0" aria-valuemax="100" \
    aria-valuenow="0"><i></i></span>
    """
}
