internal import CPQ
import Glibc
import Kernel

/// Where a database is and how to connect to it. The address holds a password and never leaves this type.
struct PostgreSQLTarget: Sendable {
    private let url: Secret<String>
    private let password: Secret<String>
    let settings: PostgreSQLSettings

    /// - Throws: ``DatabaseError/unavailable(detail:)`` when libpq cannot read `url`; its own message would repeat it.
    init(_ url: Secret<String>, _ settings: PostgreSQLSettings) throws(DatabaseError) {
        guard let options = PQconninfoParse(url.reveal(), nil) else {
            throw .unavailable(detail: "the address of the database is no PostgreSQL URL")
        }
        defer { PQconninfoFree(options) }
        var password = ""
        var option = options
        while let keyword = option.pointee.keyword {
            if String(cString: keyword) == "password", let value = option.pointee.val {
                password = String(cString: value)
            }
            option += 1
        }
        self.url = url
        self.password = Secret(password)
        self.settings = settings
    }

    /// Blocks until the server has answered.
    func connect() throws(DatabaseError) -> OpaquePointer {
        let network = settings.networkTimeout
        let options = [
            ("application_name", "pictor"),
            ("connect_timeout", "\(max(2, settings.connectTimeout.milliseconds / 1000))"),
            ("keepalives_idle", "\(max(1, network.milliseconds / 2000))"),
            ("keepalives_interval", "\(max(1, network.milliseconds / 8000))"),
            ("keepalives_count", "4"),
            ("tcp_user_timeout", "\(network.milliseconds)"),
            // Later entries win: the address may choose differently above, not below.
            ("dbname", url.reveal()),
            ("client_encoding", "UTF8"),
        ]
        let (names, values) = (cStrings(options.map(\.0)), cStrings(options.map(\.1)))
        defer { for string in names + values { free(string) } }
        guard let handle = PQconnectdbParams(names.map { UnsafePointer($0) }, values.map { UnsafePointer($0) }, 1)
        else { throw .unavailable(detail: "no memory for a connection") }
        guard PQstatus(handle) == CONNECTION_OK else {
            let detail = message(of: handle)
            PQfinish(handle)
            throw .unavailable(detail: detail)
        }
        // Notices would go to the standard error.
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        return handle
    }

    /// What libpq last said, in one line and without the password.
    func message(of handle: OpaquePointer) -> String {
        var text = String(cString: PQerrorMessage(handle))
        for secret in [url.reveal(), password.reveal()] where !secret.isEmpty {
            text = text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "****")
        }
        return text.split(whereSeparator: \.isNewline).joined(separator: "; ")
    }
}

/// Copies for C, the end marked by `nil`; to be freed.
private func cStrings(_ strings: [String]) -> [UnsafeMutablePointer<CChar>?] { strings.map { strdup($0) } + [nil] }
