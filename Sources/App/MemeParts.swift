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
