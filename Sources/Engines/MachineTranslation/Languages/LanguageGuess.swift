/// A guess at the language of a text.
package struct LanguageGuess: Sendable, Hashable, Codable {
    /// BCP-47, without a region.
    package let language: String
    /// 0…1: how far it is ahead of the others; a text of a few words gives little.
    package let confidence: Double

    /// Whether a text of some words reads like another language than the one that it should be in. Only among the
    /// languages that are known by their small words, and only where it is plain; else it is not.
    package static func speaksAgainst(_ language: String, _ text: String) -> Bool {
        let language = baseLanguage(languageCode(language))
        let profiles = LanguageProfiles.all
        guard profiles.knows(language), text.split(whereSeparator: \.isWhitespace).count >= 6,
            let guess = profiles.guess([text])
        else { return false }
        return guess.language != language && guess.confidence >= 0.5
    }
}

/// Guesses by the small words that every text is made of, endings, letters, and known phrases. It knows English, Spanish,
/// Portuguese, French, Italian, Catalan, Galician and German, and says nothing of texts in other scripts.
struct LanguageProfiles {
    private let phrases: [PhraseTable]
    private let languages: [String]

    /// `languages` are the ones to choose from.
    init(_ languages: some Sequence<String>, phrases: [PhraseTable]) {
        self.languages = Set(languages.map(baseLanguage)).filter { Self.words[$0] != nil }.sorted()
        self.phrases = phrases
    }

    /// Every language that has a profile, without phrases.
    static let all = LanguageProfiles(words.keys, phrases: [])

    func knows(_ language: String) -> Bool { languages.contains(language) }

    /// `nil` when nothing speaks for one language more than for the others.
    func guess(_ texts: [String]) -> LanguageGuess? {
        let words = texts.flatMap(Self.words(of:))
        let ranked = languages.map { ($0, score($0, texts, words)) }.sorted { $0.1 > $1.1 }
        guard let best = ranked.first, best.1 > 0 else { return nil }
        let second = ranked.dropFirst().first?.1 ?? 0
        guard best.1 > second else { return nil }
        return LanguageGuess(language: best.0, confidence: (best.1 - second) / (best.1 + 1))
    }

    private func score(_ language: String, _ texts: [String], _ words: [String]) -> Double {
        let known = Self.words[language] ?? []
        let endings = Self.endings[language] ?? []
        let letters = Self.letters[language] ?? []
        let ofWords = words.reduce(0.0) { sum, word in
            let ending = endings.contains { word.count > $0.count + 1 && word.hasSuffix($0) } ? 0.5 : 0
            let letter = word.contains { letters.contains($0) } ? 0.5 : 0
            return sum + (known.contains(word) ? 1 : 0) + ending + letter
        }
        let ofTexts = texts.count { text in
            phrases.contains { table in
                Self.others(language).contains { table.phrase(text, from: language, to: $0) != nil }
            }
        }
        let marks = texts.joined().count { letters.contains($0) && !$0.isLetter }
        return ofWords + 2 * Double(ofTexts) + Double(marks)
    }

    private static func others(_ language: String) -> [String] { words.keys.filter { $0 != language } }

    private static func words(of text: String) -> [String] {
        text.lowercased().replacing("’", with: "'").split { !$0.isLetter && $0 != "'" }.flatMap { word in
            // "l'arbre" and "don't" are two words each, the first with its mark.
            guard let mark = word.firstIndex(of: "'") else { return [String(word)] }
            return [String(word[...mark]), String(word[mark...].dropFirst())].filter { !$0.isEmpty }
        }
    }

    // MARK: - Profiles

    private static func list(_ words: String) -> Set<String> { Set(words.split(separator: " ").map(String.init)) }

    private static let words: [String: Set<String>] = [
        "en": list(
            """
            the and of to in is it you that he was for on are with as his they be at this have from or had by not but what all \
            were we when your can there an which their if will one would who so no do don' i my me she him her how why where \
            out up about get got has been am did does please here just only more our us them because before after every i'
            """
        ),
        "es": list(
            """
            el la los las de del que y a en un una es se no por con para su al lo como más pero sus le ya o este sí porque esta \
            entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante uno ni contra ese eso mi qué yo \
            él tu te si está son fue ha han tiene usted nada nunca aquí solo estoy era hoy favor cómo dónde ella
            """
        ),
        "pt": list(
            """
            o a os as de do da dos das que e em um uma é se não por com para seu sua ao mais mas como no na nos nas já ou este \
            sim porque esta entre quando muito sem sobre também me até há onde quem desde tudo ele ela isso meu minha eu você \
            são foi está tem pelo pela só nada nunca aqui mesmo estou era hoje obrigado à às
            """
        ),
        "fr": list(
            """
            le la les de des du que et à en un une est se ne pas par avec pour son sa au aux plus mais comme ou ce cette qui dans \
            sur il elle nous vous ils je tu on sont été était fait être avoir ont tout très sans aussi où quand si leur ses mes \
            mon ma l' d' j' n' c' qu' s' m' rien jamais ici bien chez moi toi
            """
        ),
        "it": list(
            """
            il lo la i gli le di del della dei delle che e a in un una è si non per con su al alla più ma come o questo questa \
            perché tra quando molto senza anche mi dove chi da dal dalla tutto ci sono era ha hanno io tu lui lei noi voi loro \
            mio mia suo sua nel nella l' d' c' un' dell' all' sei niente mai qui solo sempre cosa
            """
        ),
        "ca": list(
            """
            el la els les de del dels que i a en un una és es no per amb al als més però com o aquest aquesta perquè entre quan \
            molt sense sobre també em fins hi on qui des tot ens meu meva jo tu ell ella seva seu són va ha han tinc està res \
            mai aquí només sempre l' d' s' n' m' t' què si us pels fer
            """
        ),
        "gl": list(
            """
            o a os as de do da dos das que e en un unha é se non por con para seu súa ao máis pero como no na nos nas xa ou este \
            si porque esta entre cando moi sen sobre tamén me ata hai onde quen desde todo el ela iso meu miña eu son foi está \
            ten polo pola só nada nunca aquí hoxe coa
            """
        ),
        "de": list(
            """
            der die das und in zu den ist nicht von mit sich des auf für im dem ein eine als auch es an werden aus er hat dass \
            sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch \
            man ich du wir ihr mein kein kann wenn was wo wer hier bitte
            """
        ),
    ]

    private static let endings: [String: [String]] = [
        "en": ["ing", "tion", "ness", "ght", "ful", "ly"], "es": ["ción", "dad", "ando", "iendo", "mente", "aron"],
        "pt": ["ção", "ções", "dade", "endo", "inho", "ões"], "fr": ["tion", "eux", "ment", "aient", "ez", "eau"],
        "it": ["zione", "tà", "mente", "ando", "etto", "ghi"], "ca": ["ció", "tat", "ment", "ents", "nya", "etes"],
        "gl": ["ción", "dade", "mente", "eiro", "eira", "ñas"], "de": ["ung", "keit", "lich", "isch", "chen", "ten"],
    ]

    private static let letters: [String: Set<Character>] = [
        "es": ["ñ", "á", "í", "ó", "ú", "¿", "¡"], "pt": ["ã", "õ", "ç", "ê", "â", "á", "í", "ó"],
        "fr": ["ç", "ê", "è", "à", "û", "î", "ô", "œ", "é"], "it": ["à", "è", "ì", "ò", "ù"],
        "ca": ["ç", "à", "è", "ò", "·", "ï", "í", "ó"], "gl": ["ñ", "á", "í", "ó", "ú"], "de": ["ä", "ö", "ü", "ß"],
    ]
}
