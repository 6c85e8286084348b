import Configuration
import FoundationEssentials
import HTTPClient
import Imaging
import Kernel
import MachineTranslation

/// How the translation service behaves. Each setting is `translation.NAME` in `pictor.yaml` and
/// `PICTOR_TRANSLATION_NAME` in the environment; the original's names are aliases.
package struct TranslationSettings: Sendable {
    /// The largest picture accepted.
    package var maxFileBytes = 10 * 1_048_576
    /// All pictures of a task together.
    package var maxTotalBytes = 50 * 1_048_576
    /// Pictures of a task.
    package var maxImages = 10
    /// Most pixels of a picture.
    package var maxPixels = 25_000_000
    /// Tasks that a client may make in a minute; 0 for any number.
    package var taskRate = 0
    /// Questions for results that a client may ask in a minute; 0 for any number.
    package var pollRate = 0
    /// What a client may have translated in a day.
    var dailyLimits = ClientUsage.Limits()
    /// Bytes that the tasks of a client may hold at once; 0 for any number.
    var clientStorage = 0
    /// The longest that a poll waits.
    package var pollingTimeout = Duration.seconds(60)
    /// How long tasks and their pictures stay.
    package var retention = Duration.seconds(86_400)
    /// Pictures that wait for remote models at once, in all processes together.
    package var minWorkers = 50
    package var maxWorkers = 1_000
    /// The languages that are read on pictures, as Tesseract calls them; empty for all that are installed.
    package var languages: [String] = []
    /// Who is asked when a request names nobody, the first choice first; empty for all but models that draw.
    package var providers: [String] = []
    /// Whether a vision model reads what the reader was not sure of.
    package var usesVision = false
    /// Whether finished pictures are read again.
    package var checks = true
    /// Phrases that are translated as they say, before those that come with the program; the first table that has one
    /// decides.
    package var phrases: [PhraseTable] = []
    /// Networks that pictures may be fetched from and webhooks sent to although they are private.
    package var networks: [IPNetwork] = []

    package init() {}

    /// Reads `translation.*`.
    package init(_ reader: SettingsReader) {
        maxFileBytes = reader.bytes(
            "translation.max_file_size",
            1024...1_073_741_824,
            default: maxFileBytes,
            help: "The largest picture that is translated.",
        )
        maxTotalBytes = reader.bytes(
            "translation.max_total_size",
            1024...4_294_967_296,
            default: maxTotalBytes,
            aliases: ["MAX_TOTAL_SIZE"],
            help: "All pictures of a translation task together.",
        )
        maxImages = reader.int(
            "translation.max_images",
            1...1000,
            default: maxImages,
            aliases: ["MAX_IMAGES_PER_REQUEST"],
            help: "Most pictures of a translation task.",
        )
        maxPixels = reader.int(
            "translation.max_pixels",
            1...268_435_456,
            default: maxPixels,
            help: "Most pixels of a picture that is translated.",
        )
        taskRate = reader.int(
            "translation.rate_limit",
            0...10_000_000,
            default: taskRate,
            help: "Translation tasks that one API key or address may make in a minute; 0 for any number.",
        )
        pollRate = reader.int(
            "translation.poll_rate_limit",
            0...10_000_000,
            default: pollRate,
            help: "Questions for results that one API key or address may ask in a minute; 0 for any number.",
        )
        readDailyLimits(reader)
        readStorage(reader)
        readTimes(reader)
        readWorkers(reader)
        languages = reader.list(
            "translation.languages",
            default: [],
            help: "Languages read on pictures that are translated, as Tesseract calls them; all installed when empty.",
        )
        providers = reader.list(
            "translation.providers",
            default: [],
            each: .provider,
            help:
                "Who translates when a request names nobody, in this order: image, model, embedded; else the last two.",
        )
        usesVision = reader.bool(
            "translation.vision_reading",
            default: usesVision,
            help: "Whether a vision model gets the places of words that were not read surely, and reads them.",
        )
        checks = reader.bool(
            "translation.self_check",
            default: checks,
            help: "Whether finished pictures are read again, so that results say how good they are.",
        )
        readPhrases(reader)
        networks = reader.list(
            "translation.allowed_networks",
            default: [],
            each: .network,
            help: "Private networks that pictures may be fetched from and webhooks sent to, such as 10.0.0.0/8.",
        ).compactMap(IPNetwork.init)
    }

    private mutating func readDailyLimits(_ reader: SettingsReader) {
        dailyLimits.images = reader.int(
            "translation.daily_images",
            0...1_000_000_000,
            default: 0,
            help: "Pictures that one API key or address may have translated in a day (UTC); 0 for any number.",
        )
        dailyLimits.cost = reader.double(
            "translation.daily_cost",
            0...1_000_000_000,
            default: 0,
            help: "What models may be paid for one API key or address in a day (UTC); 0 for any sum.",
        )
    }

    private mutating func readStorage(_ reader: SettingsReader) {
        clientStorage = reader.bytes(
            "translation.client_storage",
            0...1_125_899_906_842_624,
            default: clientStorage,
            help: "Bytes of files that tasks of one API key or address may hold at once; 0 for any number.",
        )
    }

    private mutating func readPhrases(_ reader: SettingsReader) {
        let key = "translation.phrases"
        let paths = reader.list(
            key,
            default: [],
            count: 0...20,
            help:
                "Files with phrases and their translations for the offline translator, tab-separated, the first one first.",
        )
        for path in paths {
            guard let file = try? Data(contentsOf: URL(filePath: path)) else {
                reader.report(key, "\(key) names \(path), which cannot be read.")
                continue
            }
            do throws(MachineTranslation.TranslationError) {
                phrases.append(try PhraseTable(String(decoding: file, as: UTF8.self), name: path))
            } catch {
                reader.report(key, "\(key): \(error.message)")
            }
        }
    }

    private mutating func readTimes(_ reader: SettingsReader) {
        pollingTimeout = reader.duration(
            "translation.polling_timeout",
            .seconds(1)...(.seconds(80)),
            default: pollingTimeout,
            aliases: ["POLLING_TIMEOUT"],
            help: "The longest that a poll for a translation waits.",
        )
        retention = reader.duration(
            "translation.retention",
            .seconds(60)...(.seconds(31 * 86_400)),
            default: retention,
            help: "How long translation tasks and their pictures stay.",
        )
    }

    private mutating func readWorkers(_ reader: SettingsReader) {
        minWorkers = reader.int(
            "translation.min_workers",
            1...100_000,
            default: minWorkers,
            aliases: ["MIN_WORKERS"],
            help: "Pictures that may wait for remote models at once when there is little to do.",
        )
        maxWorkers = reader.int(
            "translation.max_workers",
            1...100_000,
            default: maxWorkers,
            aliases: ["MAX_WORKERS"],
            help: "Pictures that may wait for remote models at once when there is much to do.",
        )
    }

    /// What a picture may be that somebody sends.
    package var limits: ImageLimits {
        var limits = ImageLimits()
        limits.bytes = maxFileBytes
        limits.pixels = maxPixels
        return limits
    }

    /// What a picture may be that was taken in: a PNG that became of another file may be longer than that was.
    package var storedLimits: ImageLimits {
        var limits = limits
        limits.bytes = .max
        return limits
    }
}

extension SettingText {
    /// A provider by its name.
    fileprivate static let provider = SettingText.where("one of image, model, embedded") {
        ["image", "model", "embedded"].contains($0)
    }
    /// What ``IPNetwork`` can read.
    fileprivate static let network = SettingText.where("a network such as 10.0.0.0/8") { IPNetwork($0) != nil }
}
