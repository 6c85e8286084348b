/// Lets a few requests at a time look for a connection that can be shared, for each server: the rest finds those that
/// the first ones opened. Belongs to the loop's thread.
///
/// libcurl 7.88 has CURLOPT_PIPEWAIT for this, with which requests that wait are forgotten when many do (seen).
struct OpeningLine {
    /// Connections to a server that may be opened at once.
    private static let width = 8

    private struct Place {
        var looking: [Transfer] = []
        var waiting: [Transfer] = []
        /// Of those waiting, the first that has not had its turn.
        var first = 0
    }

    private var places: [String: Place] = [:]

    /// Puts a transfer in line; ``next()`` says when it is its turn.
    mutating func add(_ transfer: Transfer) {
        transfer.isInLine = true
        places[transfer.request.origin, default: Place()].waiting.append(transfer)
    }

    /// Takes a transfer out that has not had its turn. Its place is passed over later: tens of thousands may leave
    /// together, and none of them looks for itself among the others.
    ///
    /// - Returns: Whether it was there.
    func remove(_ transfer: Transfer) -> Bool {
        defer { transfer.isInLine = false }
        return transfer.isInLine
    }

    /// Those whose turn it is.
    mutating func next() -> [Transfer] {
        var turns: [Transfer] = []
        for origin in Array(places.keys) {
            guard var place = places.removeValue(forKey: origin) else { continue }
            place.looking.removeAll { $0.hasConnection || $0.isOver }
            while place.looking.count < Self.width, place.first < place.waiting.count {
                let transfer = place.waiting[place.first]
                place.first += 1
                guard remove(transfer) else { continue }
                place.looking.append(transfer)
                turns.append(transfer)
            }
            if place.first == place.waiting.count {
                (place.waiting, place.first) = ([], 0)
            } else if place.first > 1024 {
                place.waiting.removeFirst(place.first)
                place.first = 0
            }
            if !place.looking.isEmpty || !place.waiting.isEmpty { places[origin] = place }
        }
        return turns
    }

    /// Everything that waits, at the end.
    mutating func removeAll() -> [Transfer] {
        defer { places = [:] }
        return places.values.flatMap { $0.waiting[$0.first...] }.filter(remove)
    }
}

extension HTTPRequest {
    /// Scheme, host and port.
    fileprivate var origin: String {
        var slashes = 0
        return String(
            url.prefix { character in
                if character == "/" { slashes += 1 }
                return slashes < 3
            }
        )
    }
}
