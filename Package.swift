// swift-tools-version: 6.3
import PackageDescription

// One list of settings, applied by the helpers below, so that no target escapes one.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// A C library that Debian carries: a folder with a module map and, for macros and variadics, a header.
func system(_ name: String, _ pkgConfig: String, _ package: String) -> Target {
    .systemLibrary(name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

/// C of our own: wrappers for what Swift cannot see.
func shim(
    _ name: String,
    _ needs: [Target.Dependency] = [],
    flags: [String] = [],
    link: [String] = [],
    files: [String] = [],
) -> Target {
    .target(
        name: name,
        dependencies: needs,
        path: "Sources/C/\(name)",
        exclude: files,
        cSettings: [.unsafeFlags(flags)],
        linkerSettings: link.map { .linkedLibrary($0) },
    )
}

func module(_ name: String, in layer: String, _ needs: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: needs, path: "Sources/\(layer)/\(name)", swiftSettings: strict)
}

/// `files` are files and folders that no compiler reads: tests find them through `#filePath`, never through a bundle.
func tests(of name: String, _ needs: [Target.Dependency] = [], files: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.init(stringLiteral: name), "TestSupport"] + needs,
        path: "Tests/\(name)Tests",
        exclude: files,
        swiftSettings: strict,
    )
}

/// A program that `script/bench` measures.
func benchmark(_ name: String, _ needs: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: needs, path: "Benchmarks/\(name)", swiftSettings: strict)
}

let cLibraries: [Target] = [
    shim("CAssets"),
    shim("CLinux"),
    shim("COpenVINO"),
    shim("CPhrases", files: ["phrases.tsv"]),  // embedded
    // Optimised in debug builds too: tests compare its kernels on many vectors.
    shim("CVectors", flags: ["-O3"]),
    shim("CVips", ["CVipsLibrary", "CWebP"]),
    system("CArchive", "libarchive", "libarchive-dev"),
    system("CCrypto", "libcrypto", "libssl-dev"),
    system("CCurl", "libcurl", "libcurl4-openssl-dev"),
    system("CHiredis", "hiredis", "libhiredis-dev"),
    system("CPango", "pangocairo", "libpango1.0-dev"),
    system("CPQ", "libpq", "libpq-dev"),
    system("CSQLite", "sqlite3", "libsqlite3-dev"),
    system("CTesseract", "tesseract", "libtesseract-dev"),
    system("CVipsLibrary", "vips", "libvips-dev"),
    system("CWebP", "libwebpdemux", "libwebp-dev"),
    system("CYAML", "yaml-0.1", "libyaml-dev"),
]

let platform: [Target] = [
    module(
        "Accounts",
        in: "Platform",
        ["Configuration", "Database", "HTTPClient", "HTTPServer", "Kernel", "SharedState", "Telemetry"],
    ),
    module("Archives", in: "Platform", ["CArchive", "Kernel"]),
    module("Configuration", in: "Platform", ["CYAML", "Kernel"]),
    module("Database", in: "Platform", ["CLinux", "CPQ", "CSQLite", "Kernel", "Telemetry"]),
    module("HTTPClient", in: "Platform", ["CCurl", "CLinux", "Kernel", "Telemetry"]),
    module("HTTPServer", in: "Platform", ["CLinux", "Kernel", "Telemetry"]),
    module("Jobs", in: "Platform", ["Database", "Kernel", "Telemetry"]),
    module("Kernel", in: "Platform", ["CCrypto", "CLinux"]),
    module(
        "ModelGateway",
        in: "Platform",
        ["Configuration", "Database", "HTTPClient", "Kernel", "SharedState", "Telemetry"],
    ),
    module("ObjectStore", in: "Platform", ["HTTPClient", "Kernel", "Telemetry"]),
    module("SharedState", in: "Platform", ["CHiredis", "Kernel", "Telemetry"]),
    module("Telemetry", in: "Platform", ["Kernel"]),
]

let engines: [Target] = [
    module("Imaging", in: "Engines", ["CVips", "Kernel"]),
    module("Lettering", in: "Engines", ["CPango", "Imaging", "Kernel", "OCR"]),
    module("MachineTranslation", in: "Engines", ["CPhrases", "Kernel"]),
    module("MemeSearch", in: "Engines", ["Kernel"]),
    module("OCR", in: "Engines", ["CTesseract", "Imaging", "Kernel"]),
    module("TextEmbedding", in: "Engines", ["COpenVINO", "Kernel"]),
    module("VectorIndex", in: "Engines", ["CVectors", "Kernel"]),
]

let services: [Target] = [
    module(
        "Images",
        in: "Services",
        [
            "Accounts", "Configuration", "Database", "HTTPServer", "Imaging", "Jobs", "Kernel", "ObjectStore",
            "SharedState", "Telemetry", "Web",
        ],
    ),
    module(
        "Memes",
        in: "Services",
        [
            "Accounts", "Archives", "Configuration", "Database", "HTTPClient", "HTTPServer", "Images", "Imaging",
            "Jobs",
            "Kernel", "MemeSearch", "ModelGateway", "OCR", "ObjectStore", "SharedState", "Telemetry", "TextEmbedding",
            "VectorIndex", "Web",
        ],
    ),
    module(
        "Translation",
        in: "Services",
        [
            "Accounts", "Archives", "Configuration", "Database", "HTTPClient", "HTTPServer", "Images", "Imaging",
            "Jobs",
            "Kernel", "Lettering", "MachineTranslation", "ModelGateway", "OCR", "ObjectStore", "SharedState",
            "Telemetry", "Web",
        ],
    ),
]

let app: [Target] = [
    .target(
        name: "Web",
        dependencies: ["CAssets", "HTTPServer", "Kernel"],
        path: "Sources/Web",
        exclude: ["Assets"],  // embedded by CAssets
        swiftSettings: strict,
    ),
    .target(
        name: "App",
        dependencies: [
            "Accounts", "Archives", "Configuration", "Database", "HTTPClient", "HTTPServer", "Images", "Imaging",
            "Jobs",
            "Kernel", "MachineTranslation", "Memes", "ModelGateway", "ObjectStore", "SharedState", "Telemetry",
            "TextEmbedding", "Translation", "Web",
        ],
        path: "Sources/App",
        swiftSettings: strict,
    ),
    .executableTarget(name: "pictor", dependencies: ["App"], path: "Sources/pictor", swiftSettings: strict),
]

let test: [Target] = [
    .target(
        name: "TestSupport",
        dependencies: [
            "CCrypto", "Database", "HTTPClient", "HTTPServer", "Kernel", "SharedState", "Telemetry", "TextEmbedding",
        ],
        path: "Tests/TestSupport",
        exclude: ["postgres.sh"],
        swiftSettings: strict,
    ),
    tests(of: "Accounts", ["Configuration", "Database", "HTTPClient", "Kernel", "SharedState", "Telemetry"]),
    tests(
        of: "App",
        [
            "Configuration", "Database", "HTTPClient", "HTTPServer", "Kernel", "Memes", "ModelGateway", "SharedState",
            "Telemetry", "TextEmbedding",
        ],
    ),
    tests(of: "Archives"),
    tests(of: "Configuration", ["Kernel"]),
    tests(of: "Database", ["Kernel", "Telemetry"]),
    tests(of: "HTTPClient", ["HTTPServer", "Kernel", "Telemetry"], files: ["SigV4/botocore_signatures.py"]),
    tests(of: "HTTPServer", ["Kernel", "Telemetry"], files: ["Differential/compare_heads.py"]),
    tests(
        of: "Images",
        [
            "Accounts", "Database", "HTTPClient", "HTTPServer", "Imaging", "Jobs", "Kernel", "ObjectStore",
            "SharedState", "Telemetry",
        ],
    ),
    tests(of: "Imaging", ["Kernel"], files: ["Fixtures"]),
    tests(of: "Jobs", ["Database", "Kernel", "Telemetry"]),
    tests(of: "Kernel"),
    tests(of: "Lettering", ["Imaging", "Kernel", "OCR"], files: ["pictures.py"]),
    tests(of: "MachineTranslation", ["Kernel"]),
    tests(of: "MemeSearch", ["Kernel", "OCR", "TextEmbedding"]),
    tests(
        of: "Memes",
        [
            "Accounts", "Archives", "Database", "HTTPClient", "HTTPServer", "Images", "Imaging", "Jobs", "Kernel",
            "ModelGateway", "OCR", "ObjectStore", "SharedState", "Telemetry", "TextEmbedding", "VectorIndex", "Web",
        ],
    ),
    tests(of: "OCR", ["Imaging", "Kernel"], files: ["pictures.py", "vertical.py"]),
    tests(
        of: "ModelGateway",
        ["Configuration", "Database", "HTTPClient", "HTTPServer", "Kernel", "SharedState", "Telemetry"],
    ),
    tests(
        of: "ObjectStore",
        ["HTTPClient", "Kernel", "Telemetry"],
        files: ["S3/boto3_exchange.py", "S3/s3_server.py"],
    ),
    tests(of: "SharedState", ["Kernel", "Telemetry"], files: ["Redis/ServerClock.c"]),
    tests(of: "Telemetry", ["Kernel"]),
    tests(
        of: "Translation",
        [
            "Accounts", "Archives", "Configuration", "Database", "HTTPClient", "HTTPServer", "Images", "Imaging",
            "Jobs",
            "Kernel", "Lettering", "MachineTranslation",
            "ModelGateway", "OCR", "ObjectStore", "SharedState", "Telemetry",
        ],
    ),
    tests(of: "VectorIndex", ["CVectors", "Kernel"]),
    tests(of: "TextEmbedding", ["Kernel"], files: ["Fixtures"]),
    tests(of: "Web", ["HTTPServer", "Kernel"]),
    .testTarget(
        name: "EndToEndTests",
        dependencies: ["HTTPClient", "HTTPServer", "Kernel", "TestSupport"],
        path: "Tests/EndToEndTests",
        swiftSettings: strict,
    ),
]

let benchmarks: [Target] = [
    benchmark("EmbeddingBench", ["Kernel", "TextEmbedding"]),
    benchmark(
        "GatewayBench",
        ["Database", "HTTPClient", "Kernel", "ModelGateway", "SharedState", "Telemetry"],
    ),
    benchmark("HTTPBench", ["HTTPServer", "Kernel"]),
    benchmark("JobsBench", ["Database", "Jobs", "Kernel", "Telemetry"]),
    benchmark("LetteringBench", ["Imaging", "Lettering", "OCR"]),
    benchmark("LookupBench", ["Database", "Kernel", "Telemetry"]),
    benchmark("OCRBench", ["OCR"]),
    benchmark("SearchBench", ["CSQLite", "Imaging", "Kernel", "MemeSearch", "OCR", "TextEmbedding"]),
    benchmark("SharedStateBench", ["Kernel", "SharedState", "Telemetry"]),
    benchmark("TranslatorBench", ["Kernel", "MachineTranslation"]),
    benchmark("VectorBench", ["Kernel", "VectorIndex"]),
]

let package = Package(
    name: "pictor",
    products: [.executable(name: "pictor", targets: ["pictor"])],
    targets: cLibraries + platform + engines + services + app + benchmarks + test,
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c2x,
)
