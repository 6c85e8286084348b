import Kernel
import Testing

@testable import Jobs

@Suite struct CronTests {
    static let examples: [(cron: String, after: String, next: String)] = [
        ("* * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"),
        ("* * * * *", "2026-01-01T00:00:59.999Z", "2026-01-01T00:01:00Z"),
        ("0 3 * * *", "2026-01-01T03:00:00Z", "2026-01-02T03:00:00Z"),
        ("*/15 * * * *", "2026-12-31T23:46:00Z", "2027-01-01T00:00:00Z"),
        ("30 8-18/2 * * mon-fri", "2026-11-27T18:30:00Z", "2026-11-30T08:30:00Z"),
        ("0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
        ("0 0 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"),
        ("0 0 13 * fri", "2026-11-01T00:00:00Z", "2026-11-06T00:00:00Z"),
        ("0 12 1,15 * *", "2026-01-01T12:00:00Z", "2026-01-15T12:00:00Z"),
        ("5 4 * * 7", "2026-11-23T00:00:00Z", "2026-11-29T04:05:00Z"),
        ("0 0 1 JAN *", "1969-06-01T00:00:00Z", "1970-01-01T00:00:00Z"),
    ]

    @Test("the next due minute", arguments: examples)
    func next(example: (cron: String, after: String, next: String)) throws {
        let after = try #require(Timestamp(rfc3339: example.after))
        let due = try Cron(example.cron).next(after: after)
        #expect(due?.rfc3339 == example.next.replacing("Z", with: ".000Z"))
    }

    @Test(
        "texts that are no schedule say which field is wrong",
        arguments: [
            "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
            "a * * * *", "-1 * * * *", "1- * * * *", "5-1 * * * *", "*/0 * * * *", "*/x * * * *", "1,,2 * * * *",
            "+1 * * * *", "* * 30 2 *", "* * 31 4,6 *", "1/2/3 * * * *", ", * * * *", "@daily",
        ],
    )
    func refused(text: String) { #expect(throws: CronError.self) { try Cron(text) } }

    @Test("agrees with a scan of every minute, for 100 random schedules", arguments: 1...100)
    func bruteForce(seed: Int) throws {
        var chance = SplitMix(state: UInt64(seed))
        let fields = Self.ranges.map { RandomField(range: $0, using: &chance) }
        let text = fields.map(\.text).joined(separator: " ")
        guard let cron = try? Cron(text) else { return }  // such as 31 February
        let after = Timestamp(milliseconds: Int64.random(in: 1_700_000_000_000..<1_900_000_000_000, using: &chance))
        let found = cron.next(after: after)
        #expect(found == scan(fields, after), "\(text) after \(after.rfc3339)")
    }

    private static let ranges = [0...59, 0...23, 1...31, 1...12, 0...6]

    private func scan(_ fields: [RandomField], _ after: Timestamp) -> Timestamp? {
        let first = after.milliseconds / 60_000 + 1
        let today = first / 1440
        for day in today...today + 9 * 366 where matches(fields, day: day) {
            for minute in max(first, day * 1440)..<(day + 1) * 1440 {
                let (hour, rest) = (Int(minute % 1440 / 60), Int(minute % 60))
                if fields[1].values.contains(hour), fields[0].values.contains(rest) {
                    return Timestamp(milliseconds: minute * 60_000)
                }
            }
        }
        return nil
    }

    private func matches(_ fields: [RandomField], day: Int64) -> Bool {
        // Such as 2026-11-24T…
        let date = Timestamp(milliseconds: day * 86_400_000).rfc3339.prefix(10).split(separator: "-").map { Int($0) }
        guard let month = date[1], let dayOfMonth = date[2], fields[3].values.contains(month) else { return false }
        let isDay = fields[2].values.contains(dayOfMonth)
        let isWeekday = fields[4].values.contains(Int((day + 4) % 7))
        let isEither = fields[2].text != "*" && fields[4].text != "*"
        return isEither ? isDay || isWeekday : isDay && isWeekday
    }
}

/// One field of a schedule, and what it means by its construction.
private struct RandomField {
    let text: String
    let values: Set<Int>

    init(range: ClosedRange<Int>, using chance: inout SplitMix) {
        let (low, high) = (range.lowerBound, range.upperBound)
        switch Int.random(in: 0..<5, using: &chance) {
        case 0:
            let value = Int.random(in: range, using: &chance)
            (text, values) = ("\(value)", [value])
        case 1:
            let first = Int.random(in: range, using: &chance)
            let last = Int.random(in: first...high, using: &chance)
            (text, values) = ("\(first)-\(last)", Set(first...last))
        case 2:
            let list = Set((0..<3).map { _ in Int.random(in: range, using: &chance) })
            (text, values) = (list.map(String.init).joined(separator: ","), list)
        case 3:
            let first = Int.random(in: range, using: &chance)
            let step = Int.random(in: 1...9, using: &chance)
            (text, values) = ("\(first)/\(step)", Set(stride(from: first, through: high, by: step)))
        default: (text, values) = ("*", Set(low...high))
        }
    }
}
