import Foundation
import Kernel
import Testing

@Suite struct TimestampTests {
    static let moments: [(milliseconds: Int64, rfc3339: String, httpDate: String)] = [
        (0, "1970-01-01T00:00:00.000Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
        (784_111_777_000, "1994-11-06T08:49:37.000Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
        (-1, "1969-12-31T23:59:59.999Z", "Wed, 31 Dec 1969 23:59:59 GMT"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z", "Tue, 29 Feb 2000 00:00:00 GMT"),
        (4_107_542_399_999, "2100-02-28T23:59:59.999Z", "Sun, 28 Feb 2100 23:59:59 GMT"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z", "Mon, 01 Mar 2100 00:00:00 GMT"),
        (2_147_483_648_000, "2038-01-19T03:14:08.000Z", "Tue, 19 Jan 2038 03:14:08 GMT"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z", "Fri, 31 Dec 9999 23:59:59 GMT"),
        (-62_135_596_800_000, "0001-01-01T00:00:00.000Z", "Mon, 01 Jan 0001 00:00:00 GMT"),
    ]

    @Test("moments at the edges are written as the standards say", arguments: moments)
    func edges(moment: (milliseconds: Int64, rfc3339: String, httpDate: String)) {
        let timestamp = Timestamp(milliseconds: moment.milliseconds)
        #expect(timestamp.rfc3339 == moment.rfc3339)
        #expect(timestamp.httpDate == moment.httpDate)
        // HTTP has whole seconds.
        let read = Timestamp(httpDate: moment.httpDate)
        #expect(read.map { (.zero ..< .seconds(1)).contains(timestamp - $0) } == true)
    }

    @Test(
        "a date that HTTP's senders may not write is none",
        arguments: [
            "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Mon, 06 Nov 1994 08:49:37 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
        ],
    )
    func otherDates(text: String) { #expect(Timestamp(httpDate: text) == nil) }

    @Test("what was written reads back, for 2,000 random moments of ten thousand years")
    func roundTrip() {
        for _ in 0..<2000 {
            let moment = Timestamp(milliseconds: .random(in: -62_135_596_800_000...253_402_300_799_999))
            #expect(Timestamp(rfc3339: moment.rfc3339) == moment, "\(moment.rfc3339)")
        }
    }

    @Test("agrees with Foundation's calendar")
    func foundation() {
        for _ in 0..<500 {
            let seconds = Int64.random(in: -10_000_000_000...100_000_000_000)
            let date = Date(timeIntervalSince1970: Double(seconds))
            let expected = date.formatted(.iso8601).replacing("Z", with: ".000Z")
            #expect(Timestamp(milliseconds: seconds * 1000).rfc3339 == expected)
        }
    }

    static let readable: [(text: String, milliseconds: Int64)] = [
        ("2026-11-24T14:15:03Z", 1_795_529_703_000), ("2026-11-24T14:15:03.250Z", 1_795_529_703_250),
        ("2026-11-24T16:15:03.250+02:00", 1_795_529_703_250), ("2026-11-24T09:45:03-04:30", 1_795_529_703_000),
        ("2026-11-24T14:15:03.2509Z", 1_795_529_703_250), ("2026-11-24t14:15:03.2z", 1_795_529_703_200),
        ("1500-02-28T00:00:00Z", -14_826_758_400_000),
    ]

    @Test("fractions and offsets are read", arguments: readable)
    func reads(example: (text: String, milliseconds: Int64)) {
        #expect(Timestamp(rfc3339: example.text)?.milliseconds == example.milliseconds)
    }

    @Test(
        "nothing else is read",
        arguments: [
            "", "yesterday", "2026-11-24", "2026-13-24T14:15:03Z", "2026-11-31T14:15:03Z", "2026-11-24T25:15:03Z",
            "2026-11-24T14:15:03", "1795529703", "2026-11-24T14:15:03Zx", "2026-11-24T14:60:03Z",
            "2100-02-29T00:00:00Z",
            "2026-11-24T14:15:03.Z", "2026-11-24T14:15:03+2:00", "2026-11-24T14:15:03+24:00", "2026-11-24 14:15:03Z",
            "+026-11-24T14:15:03Z", "2026-11-24T14:15:03,5Z", "2026-00-24T14:15:03Z", "2026-11-00T14:15:03Z", "\u{0}",
        ],
    )
    func refuses(text: String) { #expect(Timestamp(rfc3339: text) == nil) }

    @Test("moments and durations add up")
    func arithmetic() {
        let moment = Timestamp(milliseconds: 1000)
        #expect(moment + .seconds(2) == Timestamp(milliseconds: 3000))
        #expect(moment - .milliseconds(1500) == Timestamp(milliseconds: -500))
        #expect(moment - Timestamp(milliseconds: 400) == .milliseconds(600))
        #expect(Duration.microseconds(1999).milliseconds == 1)
        #expect(Duration.milliseconds(1500).seconds == 1.5)
    }

    @Test("in JSON a moment is its milliseconds")
    func codable() throws {
        let data = try JSONEncoder().encode([Timestamp(milliseconds: 12)])
        #expect(String(decoding: data, as: UTF8.self) == "[12]")
        #expect(try JSONDecoder().decode([Timestamp].self, from: data) == [Timestamp(milliseconds: 12)])
    }
}
