import HTTPClient
import Kernel

/// Reads the answers of ListObjectsV2.
struct S3Listing {
    /// What is told of one object, whatever its name.
    struct Entry: Equatable {
        let name: String
        let size: Int
        let modified: Timestamp
        let tag: String
    }

    let entries: [Entry]
    /// Where the next page begins; `nil` after the last one.
    let continuation: String?

    /// - Returns: `nil` when the document is no listing.
    init?(_ body: [UInt8]) {
        guard let root = XMLElement(body), root.name == "ListBucketResult" else { return nil }
        let isEncoded = root["EncodingType"] == "url"
        entries = root.children.filter { $0.name == "Contents" }.compactMap { Entry($0, isEncoded: isEncoded) }
        let token = root["NextContinuationToken"] ?? ""
        guard root["IsTruncated"] == "true" else {
            continuation = nil
            return
        }
        guard !token.isEmpty else { return nil }
        continuation = token
    }

    /// Those whose name behind the prefix is a key of ours; others may use the bucket, too.
    func objects(prefix: String) -> [ObjectInfo] {
        entries.compactMap { entry in
            guard entry.name.hasPrefix(prefix), let key = ObjectKey(entry.name.dropFirst(prefix.count)) else {
                return nil
            }
            return ObjectInfo(key: key, size: entry.size, modified: entry.modified)
        }
    }
}

extension S3Objects {
    func list(prefix: String, after: ObjectKey?, limit: Int) async throws -> ObjectPage {
        let limit = min(max(limit, 1), 1000)
        var found: [ObjectInfo] = []
        var continuation: String?
        repeat {
            let url = address.url(nil, listQuery(prefix, after, limit - found.count, continuation))
            // S3 may begin an answer of status 200 and break off: only the document tells.
            let response = try await connection.send(S3Call(method: .get, url: url)) {
                $0.isSuccess && S3Listing($0.body) != nil
            }
            guard let listing = S3Listing(response.body) else {
                throw StorageError.unavailable(reason: "S3 answered with no listing")
            }
            found += listing.objects(prefix: address.prefix)
            continuation = listing.continuation
        } while continuation != nil && found.count < limit
        return ObjectPage(objects: found, next: continuation == nil ? nil : found.last?.key)
    }

    private func listQuery(
        _ prefix: String,
        _ after: ObjectKey?,
        _ limit: Int,
        _ continuation: String?,
    ) -> [(String, String?)] {
        var query: [(String, String?)] = [("list-type", "2"), ("encoding-type", "url"), ("max-keys", "\(limit)")]
        if !(address.prefix + prefix).isEmpty { query.append(("prefix", address.prefix + prefix)) }
        if let continuation {
            query.append(("continuation-token", continuation))
        } else if let after {
            query.append(("start-after", address.prefix + after.text))
        }
        return query
    }
}

extension S3Listing.Entry {
    fileprivate init?(_ element: XMLElement, isEncoded: Bool) {
        guard let text = element["Key"], let name = isEncoded ? percentDecoded(text) : text,
            let size = element["Size"].flatMap({ Int($0) }),
            let modified = element["LastModified"].flatMap({ Timestamp(rfc3339: $0) })
        else { return nil }
        let tag = (element["ETag"] ?? "").filter { $0 != "\"" }
        self.init(name: name, size: size, modified: modified, tag: tag)
    }
}

/// `nil` when a percent sign begins no byte.
private func percentDecoded(_ text: String) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        switch byte {
        case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
        case UInt8(ascii: "%"):
            guard let digits = String(rest.prefix(2)), digits.utf8.count == 2, let value = UInt8(digits, radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        default: bytes.append(byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
