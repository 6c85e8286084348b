import Telemetry
import TestSupport
import Testing

@Suite struct MetricsTests {
    private let metrics = Metrics()
    private var text: String { String(decoding: metrics.render(), as: UTF8.self) }

    @Test("families come in alphabetical order, each with its help, its type and its series")
    func exposition() {
        metrics.gauge("temperature_celsius", "How warm it is.").set(-3.5)
        let requests = metrics.counter("http_requests_total", "Requests.", labels: ["method", "status"])
        requests.add(1, "POST", "201")
        requests.add(2, "GET", "200")
        requests.add(0.5, "GET", "200")
        #expect(
            text == """
                # HELP http_requests_total Requests.
                # TYPE http_requests_total counter
                http_requests_total{method="GET",status="200"} 2.5
                http_requests_total{method="POST",status="201"} 1
                # HELP temperature_celsius How warm it is.
                # TYPE temperature_celsius gauge
                temperature_celsius -3.5

                """
        )
    }

    @Test("a histogram counts each value in every bucket that holds it, bounds included")
    func histogram() {
        let sizes = metrics.histogram("size_bytes", "Sizes.", labels: ["kind"], buckets: [0.5, 1, 10])
        for value in [0.25, 0.5, 0.75, 10, 11] { sizes.observe(value, "a") }
        #expect(
            text == """
                # HELP size_bytes Sizes.
                # TYPE size_bytes histogram
                size_bytes_bucket{kind="a",le="0.5"} 2
                size_bytes_bucket{kind="a",le="1"} 3
                size_bytes_bucket{kind="a",le="10"} 4
                size_bytes_bucket{kind="a",le="+Inf"} 5
                size_bytes_sum{kind="a"} 22.5
                size_bytes_count{kind="a"} 5

                """
        )
        #expect(sizes.count("a") == 5)
        #expect(sizes.count("b") == 0)
    }

    @Test("quotes, backslashes and line feeds in a label's value are escaped, other characters are not")
    func labels() {
        metrics.counter("c_total", "C.", labels: ["path"]).add(1, "a\"b\\c\nd é\r\n")
        #expect(text.contains("c_total{path=\"a\\\"b\\\\c\\nd é\r\\n\"} 1\n"))
    }

    @Test("backslashes and line feeds in a help text are escaped")
    func help() {
        _ = metrics.gauge("g", "One\\two\nthree")
        #expect(text.hasPrefix("# HELP g One\\\\two\\nthree\n# TYPE g gauge\n"))
    }

    @Test("infinities and what is no number have the format's names")
    func specialValues() {
        let gauge = metrics.gauge("g", "G.", labels: ["x"])
        gauge.set(.infinity, "a")
        gauge.set(-.infinity, "b")
        gauge.set(.nan, "c")
        gauge.set(1e300, "d")
        #expect(text.contains("g{x=\"a\"} +Inf\ng{x=\"b\"} -Inf\ng{x=\"c\"} NaN\ng{x=\"d\"} 1e+300\n"))
    }

    @Test("a metric without labels shows from the start, one with labels from its first value")
    func firstPoint() {
        _ = metrics.counter("a_total", "A.")
        _ = metrics.counter("b_total", "B.", labels: ["x"])
        #expect(text.contains("\na_total 0\n"))
        #expect(!text.contains("b_total{"))
    }

    @Test("past a thousand label sets the rest is counted as overflow")
    func overflow() {
        let counter = metrics.counter("c_total", "C.", labels: ["user", "x"])
        for user in 0..<1500 { counter.add(1, "u\(user)", "y") }
        #expect(counter.value("overflow", "overflow") == 500)
        #expect(counter.value("u999", "y") == 1)
        #expect(counter.value("u1000", "y") == 0)
        counter.add(1, "u0", "y")
        #expect(counter.value("u0", "y") == 2)
        #expect(text.split(separator: "\n").count == 2 + 1001)
    }

    @Test("a kept series and the metric it comes from are one")
    func keptSeries() {
        let counter = metrics.counter("c_total", "C.", labels: ["x"])
        let kept = counter.at("a")
        kept.add()
        counter.add(2, "a")
        #expect(counter.value("a") == 3)
        let gauge = metrics.gauge("g", "G.").at()
        gauge.set(5)
        gauge.add(-2)
        #expect(metrics.gauge("g", "G.").value() == 3)
        let histogram = metrics.histogram("h_seconds", "H.")
        histogram.at().observe(.milliseconds(20))
        histogram.at().observe(0.5)
        #expect(histogram.count() == 2)
    }

    @Test("the same name gives the same metric, and looking at a series makes none")
    func sameFamily() {
        metrics.counter("c_total", "C.", labels: ["x"]).add(1, "a")
        #expect(metrics.counter("c_total", "C.", labels: ["x"]).value("a") == 1)
        #expect(metrics.counter("c_total", "C.", labels: ["x"]).value("never") == 0)
        #expect(!text.contains("never"))
    }

    @Test("collectors run before each rendering")
    func collect() {
        let (gauge, calls) = (metrics.gauge("g", "G."), Recorder<Int>())
        metrics.onCollect {
            calls.add(1)
            gauge.set(Double(calls.all.count))
        }
        #expect(text.contains("\ng 1\n"))
        #expect(text.contains("\ng 2\n"))
    }

    @Test("no addition of many threads is lost")
    func concurrent() async {
        let counter = metrics.counter("c_total", "C.", labels: ["x"])
        let histogram = metrics.histogram("h", "H.", buckets: [1])
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        counter.add(1, "\(task % 2)")
                        histogram.observe(0.5)
                    }
                }
            }
        }
        #expect(counter.value("0") + counter.value("1") == 8000)
        #expect(histogram.count() == 8000)
    }

    @Test("an alias renders the same series under a second name, and nothing without the metric")
    func aliases() {
        metrics.alias("old_seconds", of: "new_seconds")
        metrics.alias("old_total", of: "absent_total")
        metrics.histogram("new_seconds", "Time.", labels: ["kind"], buckets: [1]).observe(0.5, "a")
        #expect(text.contains(#"old_seconds_bucket{kind="a",le="1"} 1"#))
        #expect(text.contains("# TYPE old_seconds histogram"))
        #expect(text.contains(#"new_seconds_count{kind="a"} 1"#))
        #expect(!text.contains("old_total"))
    }
}
