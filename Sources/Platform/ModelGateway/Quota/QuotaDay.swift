import Kernel

/// A day as a provider counts it.
package struct QuotaDay: Sendable, Hashable {
    /// Where midnight is.
    package enum Zone: Sendable {
        /// Google's quotas begin anew at midnight in Los Angeles.
        case pacific
        case utc
    }

    /// Such as `2026-11-26`.
    let name: String
    /// When the next one begins.
    let end: Timestamp

    init(_ now: Timestamp, _ zone: Zone) {
        let local = now.milliseconds + Self.offset(now, zone)
        let midnight = (local - Self.remainder(local, Self.length)) + Self.length
        name = String(Timestamp(milliseconds: local).rfc3339.prefix(10))
        // The offset of midnight is not always that of now.
        let guess = Timestamp(milliseconds: midnight - Self.offset(now, zone))
        end = Timestamp(milliseconds: midnight - Self.offset(guess, zone))
    }

    private static let length: Int64 = 86_400_000
    private static let hour: Int64 = 3_600_000

    /// Milliseconds east of UTC. Los Angeles has summer time from the second Sunday of March to the first Sunday of
    /// November, changing at 10:00 and 9:00 UTC (Energy Policy Act of 2005).
    private static func offset(_ moment: Timestamp, _ zone: Zone) -> Int64 {
        guard zone == .pacific else { return 0 }
        let year = moment.rfc3339.prefix(4)
        guard let start = sunday(2, of: "\(year)-03"), let end = sunday(1, of: "\(year)-11") else { return -8 * hour }
        let isSummer = (start + 10 * hour..<end + 9 * hour).contains(moment.milliseconds)
        return isSummer ? -7 * hour : -8 * hour
    }

    /// Midnight UTC of the n-th Sunday of a month such as `2026-03`.
    private static func sunday(_ number: Int64, of month: String) -> Int64? {
        guard let first = Timestamp(rfc3339: "\(month)-01T00:00:00Z") else { return nil }
        // 1970-01-01 was a Thursday, so day 3 was the first Sunday.
        let untilSunday = remainder(3 - first.milliseconds / length, 7)
        return first.milliseconds + (untilSunday + 7 * (number - 1)) * length
    }

    private static func remainder(_ value: Int64, _ divisor: Int64) -> Int64 {
        let rest = value % divisor
        return rest < 0 ? rest + divisor : rest
    }
}
