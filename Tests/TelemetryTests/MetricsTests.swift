import Telemetry
import Testing

@Suite struct MetricsTests {
    private func text(_ metrics: Metrics) -> String { String(decoding: metrics.render(), as: UTF8.self) }

    @Test func countersAndGaugesAreRenderedWithTheirLabels() {
        let metrics = Metrics()
        metrics.counter("uploads_total", "Uploads.", labels: ["status"]).add(2, "accepted")
        metrics.gauge("depth", "Waiting.").set(1.5)
        #expect(
            text(metrics) == """
                # HELP depth Waiting.
                # TYPE depth gauge
                depth 1.5
                # HELP uploads_total Uploads.
                # TYPE uploads_total counter
                uploads_total{status="accepted"} 2

                """
        )
    }

    @Test func bucketsOfAHistogramAddUp() {
        let metrics = Metrics()
        let histogram = metrics.histogram("wait_seconds", "Waiting.", buckets: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 7] { histogram.observe(value) }
        let lines = text(metrics).split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(
            lines == [
                #"wait_seconds_bucket{le="0.1"} 2"#, #"wait_seconds_bucket{le="1"} 3"#,
                #"wait_seconds_bucket{le="+Inf"} 4"#, "wait_seconds_sum 7.65", "wait_seconds_count 4",
            ]
        )
    }

    @Test func labelsAreEscaped() {
        let metrics = Metrics()
        metrics.counter("seen_total", "Seen.", labels: ["name"]).add(1, "a\"b\\c\nd")
        #expect(text(metrics).contains(#"seen_total{name="a\"b\\c\nd"} 1"#))
    }

    @Test func metricsHaveNoMoreThanAThousandLabelSets() {
        let metrics = Metrics()
        let counter = metrics.counter("seen_total", "Seen.", labels: ["name"])
        for number in 0..<1500 { counter.add(1, "\(number)") }
        #expect(counter.value("overflow") == 500)
        #expect(text(metrics).split(separator: "\n").count == 1003)
    }

    @Test func aliasRendersTheSameSeriesUnderItsName() {
        let metrics = Metrics()
        metrics.alias("old_seconds", of: "new_seconds")
        metrics.alias("old_total", of: "absent_total")
        metrics.histogram("new_seconds", "Time.", labels: ["kind"], buckets: [1]).observe(0.5, "a")
        let rendered = text(metrics)
        #expect(rendered.contains(#"old_seconds_bucket{kind="a",le="1"} 1"#))
        #expect(rendered.contains("# TYPE old_seconds histogram"))
        #expect(rendered.contains(#"new_seconds_count{kind="a"} 1"#))
        #expect(!rendered.contains("old_total"))
    }

    @Test func collectorsRunBeforeEachRendering() {
        let metrics = Metrics()
        let gauge = metrics.gauge("depth", "Waiting.")
        metrics.onCollect { gauge.add(1) }
        _ = metrics.render()
        #expect(text(metrics).contains("depth 2"))
    }
}
