import HTTPServer
import Kernel

/// What can be translated into what.
struct LanguageRoutes: Sendable {
    let desk: TranslationDesk

    /// `GET /api/v1/translate/languages`: the original's list, then ours; with who gets there.
    func languages(_ request: Request) async throws -> Response {
        let languages = Language.all.map { language -> JSON in
            [
                "code": JSON(language.originalCode), "name": JSON(language.name), "bcp47": JSON(language.code),
                "providers": JSON(desk.candidates(nil, from: nil, to: language).map(\.name)),
            ]
        }
        return .json(["supported_languages": JSON(languages), "default": JSON(Language.standard.name)])
    }

    /// `GET /api/v1/translate/providers`: of every provider the pairs that it does, and how well. One that does every
    /// pair says so once.
    func providers(_ request: Request) async throws -> Response {
        .json(["providers": JSON(desk.providers.map(provider))])
    }

    private func provider(_ provider: any TranslationProvider) -> JSON {
        var pairs: [JSON] = []
        if !provider.isRemote {
            for source in Language.all {
                for target in Language.all where source != target {
                    guard let reach = provider.reach(from: source, to: target) else { continue }
                    pairs.append([
                        "source": JSON(source.code), "target": JSON(target.code), "quality": JSON(reach.rawValue),
                    ])
                }
            }
        }
        return [
            "name": JSON(provider.name), "version": JSON(provider.version), "is_remote": JSON(provider.isRemote),
            "all_pairs": JSON(provider.isRemote), "pairs": JSON(pairs),
        ]
    }
}
