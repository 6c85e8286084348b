import Kernel

/// Where a Redis is and how to get in.
package struct RedisAddress: Sendable, CustomStringConvertible {
    /// Why an address cannot be used. Never repeats the address, which may hold a password.
    package enum Malformed: Error, Hashable, CustomStringConvertible {
        case database, encoding, host, path, port, scheme, tls

        package var description: String {
            switch self {
            case .database: "The part after the / of a redis:// address is the database, a number from 0."
            case .encoding: "User and password of a Redis address must be percent-encoded, as UTF-8."
            case .host: "A redis:// address must name a host, as in redis://127.0.0.1:6379."
            case .path: "A unix:// address must name an absolute path, as in unix:///run/redis/redis.sock."
            case .port: "The port of a redis:// address is a number from 1 to 65535."
            case .scheme: "A Redis address begins with redis:// or unix://."
            case .tls:
                "rediss:// is not possible: hiredis 0.14 has no TLS. Run a tunnel such as stunnel on this machine "
                    + "and give its address as redis://."
            }
        }
    }

    enum Place: Sendable, Hashable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    let place: Place
    /// `nil`: Redis' user `default`.
    let user: String?
    let password: Secret<String>?
    /// The number that SELECT takes.
    let database: Int

    /// Reads `redis://[[user]:password@]host[:port][/database]` or `unix://[[user]:password@]/path`. The port is 6379
    /// and the database 0 where none is given.
    package init(_ url: Secret<String>) throws(Malformed) {
        let (scheme, rest) = try split(url.reveal())
        let at = rest.lastIndex(of: "@")
        (user, password) = try at.map { at throws(Malformed) in try credentials(rest[..<at]) } ?? (nil, nil)
        let place = at.map { rest[rest.index(after: $0)...] } ?? rest
        if scheme == "unix" {
            guard place.first == "/", place.count > 1 else { throw .path }
            (self.place, database) = (.unix(path: String(place)), 0)
        } else {
            let slash = place.firstIndex(of: "/") ?? place.endIndex
            self.place = try tcp(place[..<slash])
            database = try number(of: place[slash...].dropFirst())
        }
    }

    /// The address without user and password, for logs.
    package var description: String {
        switch place {
        case .tcp(let host, let port): "redis://\(host.contains(":") ? "[\(host)]" : host):\(port)/\(database)"
        case .unix(let path): "unix://\(path)"
        }
    }
}

private func split(_ url: String) throws(RedisAddress.Malformed) -> (scheme: String, rest: Substring) {
    let end = url.firstRange(of: "://")
    guard let end else { throw .scheme }
    let scheme = url[..<end.lowerBound].lowercased()
    guard scheme != "rediss" else { throw .tls }
    guard scheme == "redis" || scheme == "unix" else { throw .scheme }
    return (scheme, url[end.upperBound...])
}

/// Reads `user:password`; an empty user is none, and without a colon there is no password.
private func credentials(
    _ text: Substring
) throws(RedisAddress.Malformed) -> (user: String?, password: Secret<String>?) {
    let colon = text.firstIndex(of: ":") ?? text.endIndex
    let user = try decoded(text[..<colon])
    let password = try decoded(text[colon...].dropFirst())
    return (user.isEmpty ? nil : user, password.isEmpty ? nil : Secret(password))
}

private func tcp(_ text: Substring) throws(RedisAddress.Malformed) -> RedisAddress.Place {
    var (host, port) = (text, text[text.endIndex...])
    if text.first == "[" {
        guard let end = text.firstIndex(of: "]") else { throw .host }
        host = text[text.index(after: text.startIndex)..<end]
        port = text[text.index(after: end)...]
        guard port.isEmpty || port.first == ":" else { throw .host }
    } else if let colon = text.firstIndex(of: ":") {
        (host, port) = (text[..<colon], text[colon...])
    }
    guard !host.isEmpty, !host.utf8.contains(0) else { throw .host }
    guard !port.isEmpty else { return .tcp(host: String(host), port: 6379) }
    guard let number = UInt16(port.dropFirst()), number > 0 else { throw .port }
    return .tcp(host: String(host), port: Int(number))
}

private func number(of text: Substring) throws(RedisAddress.Malformed) -> Int {
    guard !text.isEmpty else { return 0 }
    guard let number = UInt16(text) else { throw .database }
    return Int(number)
}

/// Undoes percent-encoding (RFC 3986, 2.1).
private func decoded(_ text: Substring) throws(RedisAddress.Malformed) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard rest.count >= 2, let value = UInt8(Substring(rest.prefix(2)), radix: 16) else { throw .encoding }
        bytes.append(value)
        rest = rest.dropFirst(2)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .encoding }
    return text
}
