import Database
import Kernel

/// An object of which a picture is made when its turn comes: a document, or a format that becomes PNG.
struct SentFile: Sendable, Equatable {
    let key: String
    /// The page of a document, from 0; `nil` for a picture.
    let page: Int?

    init(key: String, page: Int?) {
        self.key = key
        self.page = page
    }

    init?(row: Row) throws {
        let (key, page): (String?, Int?) = (try row.get("sent_key"), try row.get("sent_page"))
        guard let key else { return nil }
        self.init(key: key, page: page)
    }
}

/// A file in an archive that is no picture, and why it is left out.
package struct SkippedFile: Sendable, Equatable {
    package let name: String
    package let reason: String

    package init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }

    init?(json: JSON) {
        guard let name = json["name"]?.string, let reason = json["reason"]?.string else { return nil }
        self.init(name: name, reason: reason)
    }

    /// As clients get it, and as it is stored.
    var json: JSON { ["name": JSON(name), "reason": JSON(reason)] }
}
