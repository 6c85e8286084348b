import Configuration
import Imaging
import Kernel

/// How the images service behaves. Each setting is `images.NAME` in `pictor.yaml` and `PICTOR_IMAGES_NAME` in the
/// environment; the names of the original stand beside it as aliases.
package struct ImagesSettings: Sendable {
    /// The largest file accepted.
    package var maxUploadBytes = 10 * 1_048_576
    /// Types accepted, by content.
    package var allowedTypes = AcceptedType.allCases.map(\.rawValue)
    /// Accepted uploads per user in ``uploadWindow``.
    package var maxUploads = 50
    /// Accepted uploads of everyone in an organisation together in ``uploadWindow``; `nil` for any number.
    package var maxUploadsPerOrganization: Int?
    package var uploadWindow = Duration.seconds(3600)
    /// Whether a window begins on the hour or slides.
    var uploadWindowKind = UploadQuota.WindowKind.fixed
    /// The sizes made of every picture: name and longest side in pixels.
    package var sizes: [(name: String, pixels: Int)] = [
        ("thumbnail", 150), ("medium", 600), ("large", 1200), ("original", 4096),
    ]
    /// WebP quality of every size, 1 to 100.
    package var webpQuality = 85
    /// WebP effort for sizes over 2 MP, 0 to 6. Effort 2 costs 2.4 times less CPU than 4 there at equal PSNR and
    /// bytes (docs/benchmarks.md).
    package var webpEffortLarge = 2
    /// WebP effort for all other sizes, 0 to 6.
    package var webpEffortSmall = 4
    /// Most pixels of a picture.
    package var maxPixels = 50_000_000
    /// Longest side of a picture, in pixels.
    package var maxSide = 16_384
    /// How long one picture may take.
    package var deadline = Duration.seconds(60)
    /// Only buckets of the strict grammar, no plain names.
    package var strictBuckets = false
    /// The wait before the second attempt; each further one waits twice as long.
    package var retryDelay = Duration.seconds(60)
    /// Whether each wait is drawn from nothing to its bound, so that jobs that failed together come back apart.
    package var hasRetryJitter = true
    /// How long a file as sent stays that no picture knows: a crash between file and row leaves such a one. Longer than
    /// an upload takes.
    package var stagingAge = Duration.seconds(86_400)
    /// Jobs that may wait before uploads answer 503.
    package var maxQueue = 10_000

    package init() {}

    /// Reads `images.*`.
    package init(_ reader: SettingsReader) {
        maxUploadBytes = reader.bytes(
            "images.max_upload_size",
            1024...1_073_741_824,
            default: maxUploadBytes,
            aliases: [.mebibytes("MAX_UPLOAD_SIZE_MB")],
            help: "The largest file accepted.",
        )
        allowedTypes = reader.choices(
            "images.allowed_types",
            default: AcceptedType.allCases,
            aliases: ["ALLOWED_MIME_TYPES"],
            help: "Types accepted, recognised by content.",
        ).map(\.rawValue)
        readQuota(reader)
        readEncoding(reader)
        readLimits(reader)
    }

    private mutating func readQuota(_ reader: SettingsReader) {
        maxUploads = reader.int(
            "images.max_uploads",
            0...1_000_000_000,
            default: maxUploads,
            aliases: ["RATE_LIMIT_MAX_UPLOADS"],
            help: "Uploads that one user may make in a window.",
        )
        maxUploadsPerOrganization = reader.value(
            "images.max_uploads_per_organization",
            default: nil,
            allowed: "a whole number from 0 to 1000000000, or none",
            help: "Uploads that all users of one organization together may make in a window.",
            show: { $0.map(String.init) ?? "none" },
            parse: optionalLimit,
        )
        uploadWindow = reader.duration(
            "images.upload_window",
            .seconds(60)...(.seconds(86_400)),
            default: uploadWindow,
            aliases: [.minutes("RATE_LIMIT_WINDOW_MINUTES")],
            help: "How long a window is.",
        )
        uploadWindowKind = reader.choice(
            "images.upload_window_kind",
            default: uploadWindowKind,
            help: "Whether a window begins on the hour (of its length) or ends at every moment.",
        )
    }

    private mutating func readEncoding(_ reader: SettingsReader) {
        let sizes = reader.numbers(
            "images.sizes",
            1...8192,
            default: sizes.map { (name: $0.name, value: $0.pixels) },
            name: .matching(/[a-z][a-z0-9_]{0,31}/, "a name of small letters, digits and _"),
            count: 1...8,
            aliases: ["IMAGE_SIZES"],
            help: "The sizes made of every picture: name and longest side in pixels.",
        )
        self.sizes = sizes.map { ($0.name, $0.value) }
        webpQuality = reader.int(
            "images.webp_quality",
            1...100,
            default: webpQuality,
            aliases: ["WEBP_QUALITY"],
            help: "WebP quality of every size.",
        )
        webpEffortLarge = reader.int(
            "images.webp_effort_large",
            0...6,
            default: webpEffortLarge,
            help: "WebP effort for sizes over 2 MP.",
        )
        webpEffortSmall = reader.int(
            "images.webp_effort_small",
            0...6,
            default: webpEffortSmall,
            help: "WebP effort for all other sizes.",
        )
    }

    private mutating func readLimits(_ reader: SettingsReader) {
        maxPixels = reader.int(
            "images.max_pixels",
            1...268_435_456,
            default: maxPixels,
            help: "Most pixels of a picture.",
        )
        maxSide = reader.int(
            "images.max_side",
            1...16_384,
            default: maxSide,
            help: "Longest side of a picture, in pixels.",
        )
        deadline = reader.duration(
            "images.deadline",
            .seconds(1)...(.seconds(3600)),
            default: deadline,
            help: "How long one picture may take.",
        )
        retryDelay = reader.duration(
            "images.retry_delay",
            .milliseconds(1)...(.seconds(3600)),
            default: retryDelay,
            help: "The wait before a second attempt; each further one waits twice as long.",
        )
        hasRetryJitter = reader.bool(
            "images.retry_jitter",
            default: hasRetryJitter,
            help: "Draw each wait evenly from nothing to its bound, so that jobs that failed together come back apart.",
        )
        strictBuckets =
            reader.choice(
                "images.bucket_grammar",
                default: BucketGrammar.plain,
                aliases: ["BUCKET_GRAMMAR"],
                help: "Whether plain bucket names are accepted beside org-, groups/, users/ and system/.",
            ) == .strict
        stagingAge = reader.duration(
            "images.staging_age",
            .seconds(10)...(.seconds(30 * 86_400)),
            default: stagingAge,
            help: "How long a file stays that an interrupted upload left behind.",
        )
        maxQueue = reader.int(
            "images.max_queue",
            1...10_000_000,
            default: maxQueue,
            help: "Jobs that may wait before uploads answer 503.",
        )
    }

    /// What a picture may be.
    var limits: ImageLimits {
        var limits = ImageLimits()
        limits.bytes = maxUploadBytes
        limits.pixels = maxPixels
        limits.side = maxSide
        return limits
    }

    /// What makes the sizes.
    func variantMaker(isLenient: Bool) -> VariantMaker {
        var webP = WebPSettings()
        webP.quality = webpQuality
        webP.largeEffort = webpEffortLarge
        webP.smallEffort = webpEffortSmall
        return VariantMaker(
            sizes: sizes.map { VariantSize($0.name, longestSide: $0.pixels) },
            webP: webP,
            limits: limits,
            timeLimit: deadline,
            isLenient: isLenient,
        )
    }

    /// What decides the bytes of a size: pictures made by another recipe are no twins.
    func recipe(isLenient: Bool) -> String {
        let sizes = sizes.map { "\($0.name)=\($0.pixels)" }.joined(separator: ",")
        let webP = "webp-\(webpQuality)-\(webpEffortLarge)-\(webpEffortSmall);\(sizes)"
        return isLenient ? "\(webP);lenient" : webP
    }
}

/// A number, or `none`.
private func optionalLimit(_ raw: RawSetting) -> Int?? {
    if raw.text?.lowercased() == "none" { return .some(nil) }
    guard let number = raw.text.flatMap({ Int($0) }), (0...1_000_000_000).contains(number) else { return nil }
    return .some(number)
}

private enum AcceptedType: String, CaseIterable {
    case jpeg = "image/jpeg"
    case png = "image/png"
    case webp = "image/webp"
    case gif = "image/gif"
}

private enum BucketGrammar: String, CaseIterable {
    case plain, strict
}
