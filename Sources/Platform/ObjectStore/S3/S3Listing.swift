import HTTPClient
import Kernel

/// Reads the answers of ListObjectsV2.
struct S3Listing {
    let objects: [ObjectInfo]
    /// Where the next page begins; `nil` after the last one.
    let continuation: String?

    /// Objects that others put into the bucket under names that are no keys of ours are left out.
    ///
    /// - Returns: `nil` when the document is no listing.
    init?(_ body: [UInt8], prefix: String) {
        guard let root = XMLElement(body), root.name == "ListBucketResult" else { return nil }
        let isEncoded = root["EncodingType"] == "url"
        objects = root.children.filter { $0.name == "Contents" }
            .compactMap { ObjectInfo($0, prefix: prefix, isEncoded: isEncoded) }
        let token = root["NextContinuationToken"] ?? ""
        guard root["IsTruncated"] == "true" else {
            continuation = nil
            return
        }
        guard !token.isEmpty else { return nil }
        continuation = token
    }
}

extension S3Objects {
    func list(prefix: String, after: ObjectKey?, limit: Int) async throws -> ObjectPage {
        let limit = min(max(limit, 1), 1000)
        var found: [ObjectInfo] = []
        var continuation: String?
        repeat {
            let url = address.url(nil, listQuery(prefix, after, limit - found.count, continuation))
            let response = try await connection.send(S3Call(method: .get, url: url))
            guard let listing = S3Listing(response.body, prefix: address.prefix) else {
                throw StorageError.unavailable(reason: "S3 answered with no listing")
            }
            found += listing.objects
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

extension ObjectInfo {
    fileprivate init?(_ entry: XMLElement, prefix: String, isEncoded: Bool) {
        guard let text = entry["Key"], let name = isEncoded ? percentDecoded(text) : text, name.hasPrefix(prefix),
            let key = ObjectKey(name.dropFirst(prefix.count)), let size = entry["Size"].flatMap({ Int($0) }),
            let modified = entry["LastModified"].flatMap({ Timestamp(rfc3339: $0) })
        else { return nil }
        self.init(key: key, size: size, modified: modified)
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
