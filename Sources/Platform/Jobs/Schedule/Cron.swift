import Kernel

/// A text that is no schedule.
package struct CronError: Failure, Equatable {
    let text: String
    let problem: String
    package var status: Int { 422 }
    package var code: String { "bad_schedule" }
    package var message: String { "‘\(text)’ is no schedule: \(problem)." }
}

/// Minute, hour, day of month, month, day of week, in UTC: `*`, numbers, ranges `1-5`, steps `*/15`, lists `1,15`,
/// and names `mon`, `jan`. 0 and 7 are Sunday. When both days are restricted, either may match.
/// Source: crontab(5).
package struct Cron: Sendable, Equatable {
    let text: String
    private let minutes: Set<Int>
    private let hours: Set<Int>
    private let days: Set<Int>
    private let months: Set<Int>
    private let weekdays: Set<Int>
    private let isEitherDay: Bool

    /// - Throws: ``CronError`` that names the field.
    package init(_ text: String) throws(CronError) {
        let fields = text.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        guard fields.count == 5 else { throw CronError(text: text, problem: "five fields are expected") }
        func read(
            _ index: Int,
            _ name: String,
            _ range: ClosedRange<Int>,
            _ names: [String] = [],
        ) throws(CronError)
            -> Set<Int>
        {
            guard let values = parse(fields[index], range, names), !values.isEmpty else {
                throw CronError(text: text, problem: "the \(name) ‘\(fields[index])’ is not within \(range)")
            }
            return values
        }
        self.text = fields.joined(separator: " ")
        minutes = try read(0, "minute", 0...59)
        hours = try read(1, "hour", 0...23)
        days = try read(2, "day", 1...31)
        months = try read(3, "month", 1...12, monthNames)
        weekdays = Set(try read(4, "weekday", 0...7, weekdayNames).map { $0 % 7 })
        isEitherDay = !fields[2].hasPrefix("*") && !fields[4].hasPrefix("*")
        guard next(after: Timestamp(milliseconds: 0)) != nil else {
            throw CronError(text: text, problem: "there is no such day")
        }
    }

    /// The first due minute after `moment`; `nil` when there is none within nine years (29 February skips eight).
    package func next(after moment: Timestamp) -> Timestamp? {
        let minute = floorDivide(moment.milliseconds, 60_000) + 1
        let firstDay = floorDivide(minute, 1440)
        for day in firstDay...(firstDay + 9 * 366) where matches(day: day) {
            let start = day == firstDay ? Int(minute - day * 1440) : 0
            if let due = firstMinute(from: start) {
                return Timestamp(milliseconds: (day * 1440 + Int64(due)) * 60_000)
            }
        }
        return nil
    }

    private func matches(day: Int64) -> Bool {
        let (month, dayOfMonth) = monthAndDay(day)
        guard months.contains(month) else { return false }
        // 1970-01-01 was a Thursday.
        let isWeekday = weekdays.contains(Int((day + 4) % 7 + 7) % 7)
        let isDay = days.contains(dayOfMonth)
        return isEitherDay ? isDay || isWeekday : isDay && isWeekday
    }

    private func firstMinute(from start: Int) -> Int? {
        for hour in hours.sorted() where hour >= start / 60 {
            for minute in minutes.sorted() where hour * 60 + minute >= start { return hour * 60 + minute }
        }
        return nil
    }
}

private let monthNames = [
    "", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
]
private let weekdayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

/// The values that one field names; `nil` when it is malformed or leaves the range.
private func parse(_ field: String, _ range: ClosedRange<Int>, _ names: [String]) -> Set<Int>? {
    var values: Set<Int> = []
    for part in field.split(separator: ",", omittingEmptySubsequences: false) {
        let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let step = pieces.count == 2 ? Int(pieces[1]) : 1, step >= 1 else { return nil }
        guard let span = span(pieces[0], range, names, isStepped: pieces.count == 2) else { return nil }
        values.formUnion(stride(from: span.lowerBound, through: span.upperBound, by: step))
    }
    return values
}

private func span(
    _ text: Substring,
    _ range: ClosedRange<Int>,
    _ names: [String],
    isStepped: Bool,
)
    -> ClosedRange<Int>?
{
    if text == "*" { return range }
    func number(_ text: Substring) -> Int? {
        if let index = names.firstIndex(of: text.lowercased()), !text.isEmpty { return index }
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
    let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = number(ends[0]) else { return nil }
    if ends.count == 1 { return first...(isStepped ? range.upperBound : first) }
    guard let last = number(ends[1]), first <= last else { return nil }
    return first...last
}

private func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
}

/// Month and day of a day since the epoch.
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
private func monthAndDay(_ day: Int64) -> (month: Int, day: Int) {
    let shifted = day + 719_468
    let dayOfEra = shifted - floorDivide(shifted, 146_097) * 146_097
    let year = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
    let month = (5 * dayOfYear + 2) / 153
    return (Int(month < 10 ? month + 3 : month - 9), Int(dayOfYear - (153 * month + 2) / 5 + 1))
}
