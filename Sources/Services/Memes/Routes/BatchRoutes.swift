import HTTPServer
import Kernel

/// Changing many memes in one step.
struct BatchRoutes: Sendable {
    let batches: EditBatch
    let envelope: Envelope
    let service: MemesModule

    /// `POST /meme/rename` with `{"ids", "template", "dry_run"}`: new file names such as `{subject}-{meaning}`. A dry run,
    /// which is the default, only shows them.
    func rename(_ request: Request) async throws -> Response {
        try request.requireWriter()
        let body = try await request.json()
        let ids = try ids(body)
        guard let template = body["template"]?.string, template.unicodeScalars.count <= 200,
            let plan = RenamePlan(template: template, for: try await known(ids))
        else {
            let places = RenamePlan.places.map { "{\($0.name)}" }.joined(separator: ", ")
            throw MemesError.badField(name: "template", reason: "Use some of \(places).")
        }
        let steps = plan.steps.map { ["id": JSON($0.id), "from": JSON($0.from), "to": JSON($0.to)] as JSON }
        let isDry = try isDry(body)
        let batch = isDry || plan.steps.isEmpty ? nil : try await batches.rename(plan.steps)
        return envelope.answer(JSON(steps), more: ["batch_id": JSON(batch?.description), "dry_run": JSON(isDry)])
    }

    /// `POST /meme/label` with `{"ids", "set": {…}, "dry_run"}`: the fields of `PATCH /meme/{meme_id}` for many memes.
    func label(_ request: Request) async throws -> Response {
        try request.requireWriter()
        let body = try await request.json()
        let known = try await known(try ids(body))
        let changes = try EditMeme.changes(body["set"] ?? .null)
        let isDry = try isDry(body)
        let batch = isDry || known.isEmpty ? nil : try await batches.label(known.compactMap { ID($0.id) }, changes)
        return envelope.answer(
            JSON(known.map(\.id)),
            more: ["batch_id": JSON(batch?.description), "dry_run": JSON(isDry)],
        )
    }

    /// `POST /meme/batches/{batch_id}/undo`: as it was before, where nobody has changed the same since.
    func undo(_ request: Request) async throws -> Response {
        try request.requireWriter()
        guard let batch = ID<EditBatch>(try request.path("batch_id", as: String.self)) else {
            throw MemesError.batchNotFound
        }
        return envelope.answer(["changed": JSON(try await batches.undo(batch))])
    }

    private func ids(_ body: JSON) throws -> [ID<Meme>] {
        guard let list = body["ids"]?.array, !list.isEmpty, list.count <= EditBatch.most,
            case let ids = list.compactMap({ $0.string.flatMap { ID<Meme>($0) } }), ids.count == list.count
        else {
            throw MemesError.badField(name: "ids", reason: "Send a list of 1 to \(EditBatch.most) ids.")
        }
        return ids
    }

    private func isDry(_ body: JSON) throws -> Bool {
        guard let value = body["dry_run"], value != .null else { return true }
        guard let isDry = value.bool else { throw MemesError.badField(name: "dry_run", reason: "Use true or false.") }
        return isDry
    }

    /// In the order of `ids`; those that are no more are left out.
    private func known(_ ids: [ID<Meme>]) async throws -> [(id: String, fileName: String, texts: MemeTexts)] {
        let found = Dictionary(uniqueKeysWithValues: try await service.memes.find(all: ids).map { ($0.id, $0) })
        let texts = try await service.texts.texts(of: ids)
        var seen: Set<ID<Meme>> = []
        return ids.compactMap { id in
            guard let meme = found[id], seen.insert(id).inserted else { return nil }
            return (id.description, meme.fileName, texts[id] ?? MemeTexts([]))
        }
    }
}
