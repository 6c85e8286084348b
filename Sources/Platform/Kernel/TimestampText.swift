extension Timestamp {
    /// RFC 3339 in UTC with milliseconds, such as `2026-11-24T14:15:03.250Z`.
    package var rfc3339: String {
        var out: [UInt8] = []
        appendRFC3339(to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// ISO 8601's basic format in UTC with whole seconds, as signatures have it: `20261124T141503Z`.
    package var iso8601Basic: String { String(rfc3339.prefix(19).filter { $0 != "-" && $0 != ":" }) + "Z" }

    /// Writes ``rfc3339`` without making a string, for logs.
    package func appendRFC3339(to out: inout [UInt8]) {
        let (days, rest) = milliseconds.quotientAndRemainder(floor: 86_400_000)
        let date = CivilDate(daysSinceEpoch: days)
        append(date.year, 4, to: &out)
        out.append(UInt8(ascii: "-"))
        append(date.month, 2, to: &out)
        out.append(UInt8(ascii: "-"))
        append(date.day, 2, to: &out)
        out.append(UInt8(ascii: "T"))
        appendTime(rest, to: &out)
        out.append(UInt8(ascii: "."))
        append(rest % 1000, 3, to: &out)
        out.append(UInt8(ascii: "Z"))
    }

    /// The form of HTTP's `Date` and `Last-Modified` (RFC 9110, 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
    package var httpDate: String {
        let (days, rest) = milliseconds.quotientAndRemainder(floor: 86_400_000)
        let date = CivilDate(daysSinceEpoch: days)
        // 1970-01-01 was a Thursday.
        var out = Array(weekdays[Int((days % 7 + 7) % 7)].utf8) + ", ".utf8
        append(date.day, 2, to: &out)
        out += " \(months[Int(date.month - 1)]) ".utf8
        append(date.year, 4, to: &out)
        out.append(UInt8(ascii: " "))
        appendTime(rest, to: &out)
        return String(decoding: out + " GMT".utf8, as: UTF8.self)
    }

    /// Reads RFC 3339 (`2026-11-24T14:15:03Z`, with or without a fraction, with an offset too); `nil` for anything
    /// else. What is finer than a millisecond is cut off.
    package init?(rfc3339 text: String) {
        var reader = TimestampReader(rest: text.utf8[...])
        guard let day = reader.date(), reader.skip("T"), let time = reader.time(), let offset = reader.offset(),
            reader.rest.isEmpty
        else { return nil }
        self.init(milliseconds: day * 86_400_000 + time - offset * 60_000)
    }
}

extension Timestamp {
    /// Reads the form that ``httpDate`` writes, the only one that senders may use; `nil` for anything else.
    package init?(httpDate text: String) {
        // Sun, 06 Nov 1994 08:49:37 GMT
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 6, let month = months.firstIndex(of: String(words[2])) else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        guard let moment = Timestamp(rfc3339: "\(words[3])-\(number)-\(words[1])T\(words[4])Z"),
            moment.httpDate == text
        else { return nil }
        self = moment
    }
}

/// Reads the parts of RFC 3339, 5.6, from the left; each gives `nil` where it is not as the standard says.
private struct TimestampReader {
    var rest: Substring.UTF8View

    /// Days since the epoch.
    mutating func date() -> Int64? {
        guard let year = number(4), skip("-"), let month = number(2), skip("-"), let day = number(2) else { return nil }
        let days = CivilDate.daysSinceEpoch(year: year, month: month, day: day)
        let date = CivilDate(daysSinceEpoch: days)
        // 31 November would be 1 December.
        return (date.year, date.month, date.day) == (year, month, day) ? days : nil
    }

    /// Milliseconds since midnight.
    mutating func time() -> Int64? {
        guard let hour = number(2), hour < 24, skip(":"), let minute = number(2), minute < 60, skip(":"),
            let second = number(2), second < 60
        else { return nil }
        var fraction: Int64 = 0
        if skip(".") {
            let digits = rest.prefix { isDigit($0) }
            guard !digits.isEmpty else { return nil }
            rest = rest.dropFirst(digits.count)
            for place in [100, 10, 1].enumerated() {
                guard let digit = digits.dropFirst(place.offset).first else { break }
                fraction += Int64(digit - UInt8(ascii: "0")) * Int64(place.element)
            }
        }
        return ((hour * 60 + minute) * 60 + second) * 1000 + fraction
    }

    /// Minutes east of UTC.
    mutating func offset() -> Int64? {
        if skip("Z") { return 0 }
        let sign: Int64 = rest.first == UInt8(ascii: "-") ? -1 : 1
        guard skip("+") || skip("-"), let hour = number(2), hour < 24, skip(":"), let minute = number(2), minute < 60
        else { return nil }
        return sign * (hour * 60 + minute)
    }

    /// Takes `mark`, in either case.
    mutating func skip(_ mark: Unicode.Scalar) -> Bool {
        guard let byte = rest.first,
            byte == UInt8(ascii: mark) || mark.properties.isAlphabetic && byte == UInt8(ascii: mark) | 0x20
        else { return false }
        rest = rest.dropFirst()
        return true
    }

    private mutating func number(_ width: Int) -> Int64? {
        let digits = rest.prefix(width)
        guard digits.count == width, digits.allSatisfy({ isDigit($0) }) else { return nil }
        rest = rest.dropFirst(width)
        return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

/// Day, month and year of the proleptic Gregorian calendar.
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days and days_from_civil.
private struct CivilDate {
    let year: Int64
    let month: Int64
    let day: Int64

    init(daysSinceEpoch days: Int64) {
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(floor: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let (era, yearOfEra) = (month <= 2 ? year - 1 : year).quotientAndRemainder(floor: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension Int64 {
    fileprivate func quotientAndRemainder(floor divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

private let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
private let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

/// Writes hours, minutes and seconds of a day's milliseconds.
private func appendTime(_ milliseconds: Int64, to out: inout [UInt8]) {
    append(milliseconds / 3_600_000, 2, to: &out)
    out.append(UInt8(ascii: ":"))
    append(milliseconds / 60_000 % 60, 2, to: &out)
    out.append(UInt8(ascii: ":"))
    append(milliseconds / 1000 % 60, 2, to: &out)
}

/// Writes `width` digits; more, or a sign, where the number needs them (years that no standard covers).
private func append(_ value: Int64, _ width: Int, to out: inout [UInt8]) {
    var divisor: Int64 = width == 4 ? 1000 : width == 3 ? 100 : 10
    guard value >= 0, value < divisor * 10 else { return out += String(value).utf8 }
    while divisor > 0 {
        out.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
        divisor /= 10
    }
}
