import FoundationEssentials
import Kernel
import Memes
import ModelGateway
import Telemetry
import TextEmbedding

/// What reads memes: Tesseract, as wide as the workers.
func pictureReader(_ settings: Settings) throws -> PictureReader? {
    try PictureReader.tesseract(languages: settings.memes.languages, width: settings.workers)
}

/// What compares meanings: a remote model where one is set up, else the one of this machine, else nothing.
///
/// `patience`: How long a search waits for the vector of its words; without one, as long as a server may.
func memeEmbedder(
    _ settings: Settings,
    _ models: ModelGateway,
    _ log: Log,
    patience: Duration? = nil,
) -> MemeEmbedder? {
    if let remote = GatewayEmbedder(models) { return MemeEmbedder(remote, patience: patience ?? .milliseconds(120)) }
    let home = ModelHome.find(chosen: ProcessInfo.processInfo.environment["PICTOR_HOME"])
    do {
        let local = try settings.embedding.openEmbedder(home, lanes: settings.workers)
        return MemeEmbedder(local, isMiniLM: settings.embedding.model == "minilm", patience: patience ?? .seconds(1))
    } catch {
        log.warning("memes are found by their words only", ["reason": (error as? any Failure)?.message ?? "\(error)"])
        return nil
    }
}

/// What reads the best hits anew: a remote model where one is set up, else the cross-encoder that the settings name, else
/// nothing.
///
/// `patience`: How long a search waits for it; without one, as long as the settings say.
func memeReranker(
    _ settings: Settings,
    _ models: ModelGateway,
    _ log: Log,
    time: any TimeSource,
    patience: Duration? = nil,
) -> MemeReranker? {
    let patience = patience ?? settings.memes.rerankTime
    if let remote = GatewayReranker(models, time: time, patience: patience), let name = models.firstModel(.rerank) {
        // The gateway hears of its own deadline first, and pauses a model that keeps missing it.
        return MemeReranker(remote, name: name, patience: patience + .milliseconds(30))
    }
    guard let name = settings.embedding.reranker else { return nil }
    let home = ModelHome.find(chosen: ProcessInfo.processInfo.environment["PICTOR_HOME"])
    do {
        guard let local = try settings.embedding.openReranker(home, lanes: settings.workers) else { return nil }
        return MemeReranker(local, name: name, patience: patience)
    } catch {
        log.warning("the best memes are not read anew", ["reason": (error as? any Failure)?.message ?? "\(error)"])
        return nil
    }
}

/// Throws a ``CommandFailure`` when the database cannot serve searches as the settings say.
func requireIndex(_ memes: MemesModule) async throws {
    do { try await memes.requireIndex() } catch let error as any Failure {
        throw CommandFailure(
            "\(error.message) Install pgvector or set search.index to memory",
            exitCode: ExitCode.configuration,
        )
    }
}
