import Kernel

/// How providers say how long to wait.
enum WaitText {
    /// `26s`, `45.837906927s`, `120ms`, `6m0s`, `1h2m3.5s`; `nil` for anything else.
    static func duration(_ text: some StringProtocol) -> Duration? {
        guard
            let match = try? /(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?/.wholeMatch(
                in: String(text)
            ),
            !match.0.isEmpty
        else { return nil }
        let hours = match.1.flatMap { Double($0) } ?? 0
        let minutes = match.2.flatMap { Double($0) } ?? 0
        let seconds = match.3.flatMap { Double($0) } ?? 0
        let milliseconds = match.4.flatMap { Double($0) } ?? 0
        return bounded(hours * 3600 + minutes * 60 + seconds + milliseconds / 1000)
    }

    /// The value of `Retry-After`: seconds, with a fraction or not, or a date (RFC 9110, 10.2.3).
    static func retryAfter(_ text: String, now: Timestamp) -> Duration? {
        if let seconds = Double(text) { return bounded(seconds) }
        return Timestamp(httpDate: text).map { max(.zero, min($0 - now, longest)) }
    }

    /// `Please retry in 26.1s.`, `Please try again in 6m0s.`
    static func inSentence(_ text: String) -> Duration? {
        guard let match = text.prefix(4096).firstMatch(of: /(?:retry|try again) (?:in|after) ([0-9hms.]+)/) else {
            return nil
        }
        let words = match.1.hasSuffix(".") ? match.1.dropLast() : match.1
        return duration(words) ?? Double(words).flatMap(bounded)
    }

    private static let longest = Duration.seconds(86_400)

    private static func bounded(_ seconds: Double) -> Duration? {
        guard seconds.isFinite, seconds >= 0 else { return nil }
        return min(.milliseconds(Int64((min(seconds, 1e9) * 1000).rounded(.up))), longest)
    }
}
