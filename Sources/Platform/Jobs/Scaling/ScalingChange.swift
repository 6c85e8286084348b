import Kernel

/// A change of how many jobs of a queue may run at once, in all processes together.
package struct ScalingChange: Sendable, Equatable {
    /// Why it was made.
    package enum Reason: String, Sendable, CaseIterable {
        /// The settings or the number of processes moved the bounds.
        case bounds
        /// Three times in a row less would have done.
        case idle
        /// Jobs waited longer than they should.
        case queueWait = "queue_wait"
        /// The partner can use fewer.
        case quota
    }

    package let at: Timestamp
    package let from: Int
    package let to: Int
    /// Jobs that waited or ran.
    package let pressure: Int
    package let reason: Reason

    package init(at: Timestamp, from: Int, to: Int, pressure: Int, reason: Reason) {
        self.at = at
        self.from = from
        self.to = to
        self.pressure = pressure
        self.reason = reason
    }

    /// As a decision's row keeps it.
    var json: JSON {
        [
            "at": JSON(at.milliseconds), "from": JSON(from), "to": JSON(to), "pressure": JSON(pressure),
            "reason": JSON(reason.rawValue),
        ]
    }

    init?(json: JSON) {
        func number(_ name: String) -> Int? { json[name]?.integer.map { Int($0) } }
        guard let at = json["at"]?.integer, let from = number("from"), let to = number("to"),
            let pressure = number("pressure"), let reason = json["reason"]?.string.flatMap(Reason.init)
        else { return nil }
        self.init(at: Timestamp(milliseconds: at), from: from, to: to, pressure: pressure, reason: reason)
    }
}
