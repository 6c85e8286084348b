import Kernel
import Telemetry
import TestSupport
import Testing

@testable import Images

@Suite struct QuotaGaugeTests {
    @Test func theBusiestUserCountsUntilTheWindowEnds() {
        let time = ManualTime()
        let metrics = Metrics()
        let gauge = QuotaGauge(metrics, time: time)
        func shown() -> String? {
            String(decoding: metrics.render(), as: UTF8.self).split(separator: "\n").last.map(String.init)
        }
        #expect(shown() == "rate_limit_current_usage 0")
        let end = time.now + .seconds(60)
        for used in [1, 7, 3] { gauge.record(UploadQuota.State(limit: 50, used: used, resetAt: end, nextAt: end)) }
        #expect(shown() == "rate_limit_current_usage 7")
        time.advance(by: .seconds(60))
        #expect(shown() == "rate_limit_current_usage 0")
        gauge.record(UploadQuota.State(limit: 50, used: 2, resetAt: end + .seconds(60), nextAt: end))
        #expect(shown() == "rate_limit_current_usage 2")
    }
}
