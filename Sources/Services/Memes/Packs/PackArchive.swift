import Archives
import Imaging
import Kernel

/// A pack as a ZIP archive, ours or one of plain pictures. It is read twice: once to know what is in it and that all of
/// it may be read, and once for the pictures.
struct PackArchive: Sendable {
    let path: String
    let limits: ArchiveLimits
    let maxPictureBytes: Int
    /// Unpacks.
    let pool: WorkPool

    /// Looks at the whole archive. Nothing is taken from one that is refused here.
    ///
    /// - Throws: ``Archives/ArchiveError``, ``PackError``.
    func open() async throws -> ImportPack.Source {
        let survey = try await pool.run { [self] in try self.survey() }
        var report = MemesModule.PackReport()
        let items: [String: PackItem]
        if let manifest = survey.manifest {
            items = Dictionary(
                manifest.items.map { (survey.folder + $0.file, $0) },
                uniquingKeysWith: { first, _ in first },
            )
            for file in Set(items.keys).subtracting(survey.names).sorted() {
                report.refuse(file, "The pack has no such file.")
            }
        } else {
            let names = survey.names.filter { !isClutter($0) }
            items = Dictionary(
                uniqueKeysWithValues: names.map { ($0, PackItem(file: $0, name: PackItem.lastPart($0))) }
            )
        }
        guard !items.isEmpty else { throw PackError.noPictures }
        report.ignored = survey.names.count - (items.count - report.refused)
        let reader = try await pool.run { [self] in try ZIPReader(path: path, limits: limits) }
        return ImportPack.Source(
            libraries: survey.manifest?.libraries ?? [],
            report: report,
            total: items.count,
            next: { [self] in try await pool.run { try next(reader, items) } },
        )
    }

    private struct Survey: Sendable {
        /// Files besides the manifest.
        var names: [String] = []
        var manifest: PackManifest?
        /// Where the manifest lies, with a slash at the end, or empty: its paths begin there.
        var folder = ""
    }

    /// Of several manifests the one that lies highest counts.
    private func survey() throws -> Survey {
        var survey = Survey()
        let reader = try ZIPReader(path: path, limits: limits)
        var found: (name: String, kind: PackManifest.Kind, depth: Int)?
        while let entry = try reader.next() {
            survey.names.append(entry.name)
            let parts = entry.name.split(separator: "/")
            guard let last = parts.last, !isClutter(entry.name), let kind = PackManifest.Kind(fileName: String(last)),
                last.lowercased() == "\(PackManifest.stem).\(kind.rawValue)", parts.count < found?.depth ?? .max
            else { continue }
            found = (entry.name, kind, parts.count)
        }
        guard let found else { return survey }
        survey.manifest = try PackManifest(try contents(of: found.name), found.kind)
        survey.folder = String(found.name.dropLast(PackItem.lastPart(found.name).count))
        survey.names.removeAll { $0 == found.name }
        return survey
    }

    private func contents(of name: String) throws -> [UInt8] {
        let reader = try ZIPReader(path: path, limits: limits)
        while let entry = try reader.next(), entry.name != name {}
        return try reader.contents(limit: PackSettings.maxManifestBytes)
    }

    private func next(_ reader: ZIPReader, _ items: [String: PackItem]) throws -> ImportPack.Candidate? {
        while let entry = try reader.next() {
            guard let item = items[entry.name] else { continue }
            guard entry.size <= maxPictureBytes else {
                let message = MemesError.tooLarge(limitBytes: maxPictureBytes).message
                return ImportPack.Candidate(item: item, content: .refused(message))
            }
            do throws(ArchiveError) {
                return ImportPack.Candidate(item: item, content: content(try reader.contents(limit: maxPictureBytes)))
            } catch {
                guard case .damaged = error else { throw error }
                return ImportPack.Candidate(item: item, content: .refused(error.message))
            }
        }
        return nil
    }
}

/// What a picture's file holds; an archive in an archive is told from other files that are no pictures.
private func content(_ bytes: [UInt8]) -> ImportPack.Content {
    guard isArchive(bytes) else { return ImportPack.Content(bytes) }
    return .refused("An archive within an archive is not opened. Send it by itself.")
}
