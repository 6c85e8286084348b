import Kernel
import Testing

@testable import ModelGateway

/// How providers say how long to wait.
@Suite struct WaitTextTests {
    @Test(arguments: [
        ("26s", 26_000), ("45.837906927s", 45_838), ("120ms", 120), ("6m0s", 360_000), ("1h2m3.5s", 3_723_500),
        ("0s", 0), ("", nil), ("soon", nil), ("-3s", nil), ("5", nil), ("999999999h", 86_400_000),
    ])
    func durations(_ text: String, _ milliseconds: Int64?) {
        #expect(WaitText.duration(text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        ("17", 17_000), ("1.5", 1500), ("Thu, 01 Jan 2026 00:01:00 GMT", 60_000), ("Wed, 31 Dec 2025 00:00:00 GMT", 0),
        ("tomorrow", nil), ("nan", nil), ("-4", nil), ("1e99", 86_400_000),
    ])
    func headers(_ text: String, _ milliseconds: Int64?) {
        let now = Timestamp(milliseconds: 1_767_225_600_000)
        #expect(WaitText.retryAfter(text, now: now)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        ("Please retry in 26.1s.", 26_100), ("Please try again in 6m0s. Visit", 360_000), ("try again in 20ms", 20),
        ("retry after 5 seconds", 5000), ("Please retry.", nil),
    ])
    func sentences(_ text: String, _ milliseconds: Int64?) {
        #expect(WaitText.inSentence(text)?.milliseconds == milliseconds)
    }
}
