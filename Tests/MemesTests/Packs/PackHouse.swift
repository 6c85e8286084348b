import Archives
import Foundation
import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Memes

extension MemeHouse {
    /// Sends a pack as a form does.
    func sendPack(
        _ archive: [UInt8],
        library: String? = nil,
        accept: String = "application/json",
    ) async throws -> Answer {
        var body =
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"pack.zip\"\r\n\r\n".utf8 + archive
        if let library {
            body += Array("\r\n--edge\r\nContent-Disposition: form-data; name=\"library\"\r\n\r\n\(library)".utf8)
        }
        body += Array("\r\n--edge--\r\n".utf8)
        let headers: Headers = [
            "Content-Type": "multipart/form-data; boundary=edge", "Content-Length": "\(body.count)", "Accept": accept,
        ]
        return try await send(.post, "/pack", bytes: body, headers: headers)
    }

    /// Everything that was said of each meme, by its file's hash; readings of a machine's own left out.
    func catalogue() async throws -> [String: [String]] {
        let memes = try await memes.memes.page(status: nil, before: nil, limit: 100)
        let said = try await self.memes.texts.said(of: memes.map(\.id))
        let names = try await self.memes.libraries.names(of: memes.map(\.id))
        return Dictionary(
            uniqueKeysWithValues: memes.map { meme in
                let texts = said[meme.id, default: []].map {
                    "\($0.field) \($0.provenance) \($0.values) \($0.confidence ?? -1)"
                }
                return (meme.contentHash, [meme.fileName, "\(names[meme.id] ?? [])"] + texts)
            }
        )
    }
}

/// A ZIP archive of files.
func zipped(_ files: [(String, [UInt8])], deflates: Bool = false) -> [UInt8] {
    let writer = ZIPWriter()
    return files.flatMap { writer.add($0.0, $0.1, deflates: deflates, modified: 1_700_000_000) } + writer.finish()
}

/// The files of a ZIP archive.
func unzipped(_ archive: [UInt8]) throws -> [String: [UInt8]] {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/pack.zip"
    try Data(archive).write(to: URL(filePath: path))
    let reader = try ZIPReader(path: path)
    var files: [String: [UInt8]] = [:]
    while let entry = try reader.next() { files[entry.name] = try reader.contents() }
    return files
}
