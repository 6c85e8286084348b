/// Rules about names: keys, variables, and which known name an unknown one was meant to be.
enum SettingName {
    /// Segments of lower-case letters, digits and underscores, joined by dots: `images.webp_quality`.
    static func isKey(_ text: String) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { segment in
            segment.first?.isLetter == true
                && segment.utf8.allSatisfy {
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "_")
                }
        }
    }

    /// `images.webp_quality` → `PICTOR_IMAGES_WEBP_QUALITY`.
    static func variable(_ key: String) -> String {
        "PICTOR_" + String(key.map { $0 == "." ? "_" : $0 }).uppercased()
    }

    /// Whether Kubernetes makes such a variable for a service called `pictor` or `pictor-…` (its documentation, "Service:
    /// Environment variables"). `PICTOR_PORT=8080` is not one, because a link's port is an address: `tcp://10.0.0.7:8080`.
    static func isServiceLink(_ name: String, value: String) -> Bool {
        guard name.hasPrefix("PICTOR_") else { return false }
        if name.hasSuffix("_SERVICE_HOST") || name.hasSuffix("_SERVICE_PORT") || name.contains("_SERVICE_PORT_") {
            return true
        }
        if name.hasSuffix("_PORT") && value.contains("://") { return true }
        return (try? /.*_PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?/.wholeMatch(in: name)) != nil
    }

    /// The name of `known` that `name` most likely stands for; `nil` when none is close.
    static func nearest(to name: String, among known: [String]) -> String? {
        let ranked = known.map { (name: $0, distance: distance(name, $0)) }
        if let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= max(2, name.count / 4) {
            return best.name
        }
        // The right word in the wrong section.
        let lastSegment = name.split(separator: ".").last.map(String.init) ?? name
        return known.first { $0.split(separator: ".").last.map(String.init) == lastSegment }
            ?? known.first { $0.hasSuffix("_" + lastSegment) || lastSegment.hasSuffix("_" + $0) }
    }

    /// Edits between two texts, a swap of neighbours counting as one.
    /// Source: optimal string alignment, G. Navarro, "A guided tour to approximate string matching", 2001.
    static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var rows = [Array(0...right.count)]
        for i in 1...left.count {
            var row = [i]
            for j in 1...right.count {
                let same = left[i - 1] == right[j - 1]
                var best = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (same ? 0 : 1))
                let isSwap = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]
                if isSwap { best = min(best, rows[i - 2][j - 2] + 1) }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
