import HTTPServer
import Kernel
import MemeSearch

extension MemesModule {
    /// Every address of the service.
    package func addRoutes(to router: inout Router) {
        let envelope = Envelope(time: parts.time)
        for prefix in [
            "/query", "/search", "/meme", "/similar", "/suggest", "/feedback", "/libraries", "/libs_manifest",
        ] {
            router.errors(under: prefix, envelope.errorStyle)
        }
        addSearchRoutes(to: &router, envelope)
        addPullRoutes(to: &router, envelope)
        addPackRoutes(to: &router, envelope)
        let one = MemeRoutes(
            edit: EditMeme(jobs: parts.jobs, memes: memes, texts: texts, time: parts.time),
            envelope: envelope,
            feedback: FeedbackStore(memes: memes),
            presenter: presenter,
            service: self,
        )
        router.get("/meme", one.list)
        router.post(
            "/meme",
            limits: .upload(maxBytes: parts.settings.maxFileBytes),
            AddRoutes(envelope: envelope, service: self).add,
        )
        router.get("/meme/{meme_id}", one.show)
        router.patch("/meme/{meme_id}", one.change)
        router.delete("/meme/{meme_id}", one.delete)
        router.get("/meme/{meme_id}/file", one.file)
        router.get("/meme/{meme_id}/words", one.words)
        router.post("/feedback", one.rate)
        addPages(to: &router)
        addCollectionRoutes(to: &router, envelope)
    }

    private func addCollectionRoutes(to router: inout Router, _ envelope: Envelope) {
        let batches = BatchRoutes(
            batches: EditBatch(jobs: parts.jobs, memes: memes, texts: texts, time: parts.time),
            envelope: envelope,
            service: self,
        )
        router.post("/meme/label", batches.label)
        router.post("/meme/rename", batches.rename)
        router.post("/meme/batches/{batch_id}/undo", batches.undo)
        let libraries = LibraryRoutes(envelope: envelope, service: self)
        router.get("/libraries", libraries.list)
        router.post("/libraries", libraries.create)
        router.put("/libraries/{library_id}/memes/{meme_id}", libraries.put)
        router.delete("/libraries/{library_id}/memes/{meme_id}", libraries.remove)
        router.get("/libs_manifest", libraries.manifest)
    }

    private func addSearchRoutes(to router: inout Router, _ envelope: Envelope) {
        let queries = QueryRoutes(
            envelope: envelope,
            likeness: likeness,
            presenter: presenter,
            search: { query in try await search(query) },
            suggest: { [lookup] typed, count in try await lookup.suggestions(for: typed, count: count) },
        )
        let limited = SearchLimit(limit: parts.settings.rateLimit, state: parts.state)
        router.get("/query", middleware: [limited], queries.query)
        router.get("/search", middleware: [limited], queries.legacySearch)
        router.post(
            "/search",
            limits: .upload(maxBytes: parts.settings.maxFileBytes * 4 / 3),
            middleware: [limited],
            queries.search,
        )
        router.get("/similar/{meme_id}", queries.similar)
        router.get("/suggest", queries.suggest)
    }

    private var presenter: MemePresenter {
        MemePresenter(
            images: parts.images,
            libraries: libraries,
            lookup: lookup,
            memes: memes,
            publicURL: parts.publicURL,
            texts: texts,
        )
    }
}
