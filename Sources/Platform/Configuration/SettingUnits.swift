/// Durations and sizes as people write them.
enum SettingUnits {
    /// Reads `250ms`, `60s`, `5m`, `1.5h`, `7d`, or a plain number of seconds; `nil` for anything else.
    static func duration(_ text: String) -> Duration? {
        guard let (number, unit) = numberAndUnit(text) else { return nil }
        guard let milliseconds = millisecondsPerUnit[unit.isEmpty ? "s" : unit] else { return nil }
        let value = (number * milliseconds).rounded()
        guard value <= 9e15 else { return nil }
        return .milliseconds(Int64(value))
    }

    /// The shortest text that ``duration(_:)`` reads back, in the largest unit that leaves no fraction.
    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)] as [(String, Int64)]
        where milliseconds % size == 0 && (milliseconds != 0 || unit == "s") {
            return "\(milliseconds / size)\(unit)"
        }
        return "\(milliseconds)ms"
    }

    /// Reads `10MB` (powers of 1000), `64KiB` (powers of 1024), or a plain number of bytes; `nil` for anything else.
    static func bytes(_ text: String) -> Int? {
        guard let (number, unit) = numberAndUnit(text) else { return nil }
        guard let size = bytesPerUnit[unit.lowercased()] else { return nil }
        let value = (number * size).rounded()
        guard value <= 9e15 else { return nil }  // whole numbers are exact in a Double up to here
        return Int(value)
    }

    /// The shortest text that ``bytes(_:)`` reads back exactly.
    static func text(bytes: Int) -> String {
        let units = [
            ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
            ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000),
        ]
        for (unit, size) in units where bytes != 0 && bytes % size == 0 { return "\(bytes / size)\(unit)" }
        return "\(bytes)"
    }

    private static let millisecondsPerUnit: [String: Double] = [
        "ms": 1, "s": 1000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000,
    ]

    private static let bytesPerUnit: [String: Double] = [
        "": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
        "kib": 1024, "mib": 1_048_576, "gib": 1_073_741_824, "tib": 1_099_511_627_776,
    ]

    /// A number that is not negative and the letters behind it; one space between them is allowed.
    private static func numberAndUnit(_ text: String) -> (Double, String)? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard digits.first?.isNumber == true, digits.last != ".", let number = Double(digits) else { return nil }
        let rest = text.dropFirst(digits.count)
        return (number, String(rest.first == " " ? rest.dropFirst() : rest))
    }
}
