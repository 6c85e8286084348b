/// The connections of a loop by place. A place is reused only after the turn in which it was freed, because events of
/// that turn may still name it.
struct ConnectionTable {
    private var places: [Connection?] = []
    private var free: [Int] = []
    private var freedThisTurn: [Int] = []
    private(set) var count = 0

    subscript(place: Int) -> Connection? { places[place] }

    /// - Returns: The place, also kept by the connection.
    mutating func insert(_ connection: Connection) -> Int {
        let place = free.popLast() ?? places.count
        if place == places.count { places.append(connection) } else { places[place] = connection }
        connection.place = place
        count += 1
        return place
    }

    mutating func remove(_ connection: Connection) {
        guard places[connection.place] === connection else { return }
        places[connection.place] = nil
        freedThisTurn.append(connection.place)
        count -= 1
    }

    mutating func freePlaces() {
        guard !freedThisTurn.isEmpty else { return }
        free += freedThisTurn
        freedThisTurn.removeAll(keepingCapacity: true)
    }
}

extension ConnectionTable: Sequence {
    func makeIterator() -> some IteratorProtocol<Connection> { places.lazy.compactMap { $0 }.makeIterator() }
}
