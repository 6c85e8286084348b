import HTTPClient
import HTTPServer
import Images
import Jobs
import Kernel
import MachineTranslation
import ModelGateway
import Telemetry
import Translation

/// What the translation service shares with the others.
struct TranslationSurroundings {
    let engines: Engines
    let images: ImagesModule
    let jobs: JobQueue
    let log: Log
    let metrics: Metrics
    let models: ModelGateway
    let operatorOnly: any Middleware
    let time: any TimeSource
    /// Keeps its pipes warm while somebody runs it.
    let translator: ApertiumTranslator
}

/// The translation service, as the settings want it. Remote models come first where some are set up. `draws`: Whether
/// pictures will be read and drawn here, for which models are loaded.
func translationModule(
    _ settings: Settings,
    _ around: TranslationSurroundings,
    draws: Bool = true,
) throws -> TranslationModule {
    var reach = HTTPClientSettings()
    reach.destinations = .publicOnly(allowing: settings.translation.networks)
    let letterer =
        !draws
        ? nil
        : try PictureLetterer.engine(
            languages: settings.translation.languages,
            width: settings.workers,
            limits: settings.translation.storedLimits,
        )
    let providers: [(any TranslationProvider)?] = [
        ImageTranslator(around.models, letterer), ModelTranslator(around.models), EmbeddedTranslator(around.translator),
    ]
    return TranslationModule(
        TranslationModule.Parts(
            database: around.engines.database,
            fetcher: HTTPClient(reach, time: around.time),
            images: around.images,
            instance: "instance-\(ID<TranslationModule>().description.suffix(8))",
            jobs: around.jobs,
            lanes: settings.workers,
            letterer: letterer,
            log: around.log,
            machine: around.translator,
            metrics: around.metrics,
            models: around.models,
            objects: around.engines.objects,
            operatorOnly: around.operatorOnly,
            providers: providers.compactMap { $0 },
            publicURL: settings.publicURL,
            settings: settings.translation,
            signingSecret: linkSecret(settings),
            state: around.engines.state,
            time: around.time,
        )
    )
}
