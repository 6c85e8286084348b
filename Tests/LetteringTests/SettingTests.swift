import Imaging
import Testing

@testable import Lettering

@Suite(.timeLimit(.minutes(5))) struct SettingTests {
    @Test(
        "another text stands in the place of the first, and can be read",
        arguments: ["sign", "meme", "soft", "tilted", "angles"],
    )
    func readAgain(name: String) async throws {
        let page = try await page(name)
        let texts = page.blocks.map { _ in name == "meme" ? "NOW TEA" : "nine yellow plums" }
        let lettered = try await replaced(page, by: texts)
        #expect(lettered.outcomes.allSatisfy { $0.problem == nil && $0.sizeRatio >= 0.7 && $0.sizeRatio <= 1.001 })
        let again = try await lettering.value.blocks(of: lettered.png)
        #expect(again.blocks.map(\.text) == texts)
        #expect(abs((again.blocks.first?.angle ?? 90) - (page.blocks.first?.angle ?? 0)) < 1)
    }

    @Test("no pixel outside changes", arguments: ["sign", "meme", "tilted", "angles", "labels", "clear"])
    func outside(name: String) async throws {
        let page = try await page(name)
        let lettered = try await replaced(page, by: page.blocks.map { _ in "a text that needs more room" })
        let boxes = lettered.outcomes.map(\.changed)
        let changed = differences(page.picture, lettered.picture)
        #expect(!changed.isEmpty)
        #expect(changed.allSatisfy { place in boxes.contains { $0.contains(place) } })
    }

    @Test func theFileHasTheSamePixels() async throws {
        let lettered = try await replaced(page("meme"), by: ["TEA"])
        #expect(try Bitmap.decode(lettered.png, before: Deadline(after: .seconds(60))) == lettered.picture)
    }

    @Test("the alignment is kept", arguments: [TextAlignment.left, .centre, .right])
    func alignment(_ alignment: TextAlignment) async throws {
        let page = try await page(alignment.rawValue)
        let lettered = try await replaced(page, by: ["short and then a rather long one, and short"])
        let again = try await lettering.value.blocks(of: lettered.png).blocks
        let (old, new) = (try #require(page.blocks.first), try #require(again.first))
        #expect(new.style.alignment == alignment)
        switch alignment {
        case .left: #expect(abs(new.box.x - old.box.x) <= 6)
        case .centre: #expect(abs(new.box.middle.x - old.box.middle.x) <= 6)
        case .right: #expect(abs(new.box.right - old.box.right) <= 6)
        }
    }

    @Test("face, colour and outline are kept", arguments: ["bold", "serif", "slant", "bright", "meme"])
    func style(name: String) async throws {
        let page = try await page(name)
        let lettered = try await replaced(page, by: [name == "meme" ? "TEA IS HERE" : "nine yellow plums"])
        let again = try await lettering.value.blocks(of: lettered.png).blocks
        let (old, new) = (try #require(page.blocks.first).style, try #require(again.first).style)
        #expect((new.isBold, new.isSerif, new.isItalic) == (old.isBold, old.isSerif, old.isItalic))
        #expect(new.colour.distance(to: old.colour) <= 12)
        #expect((new.stroke == nil) == (old.stroke == nil))
    }

    @Test func aCharacterWithoutAFontLeavesTheOriginal() async throws {
        let page = try await page("sign")
        let lettered = try await replaced(page, by: ["an \u{13080} eye"])
        #expect(lettered.outcomes.map(\.problem) == [.missingGlyphs(1)])
        #expect(lettered.picture == page.picture)
    }

    @Test func aTextThatDoesNotFitLeavesTheOriginal() async throws {
        let page = try await page("meme")
        let lettered = try await replaced(page, by: [String(repeating: "MANY WORDS ", count: 400)])
        #expect(lettered.outcomes.map(\.problem) == [.overflow])
        #expect(lettered.picture == page.picture)
    }

    @Test("a text for which no place is plain reaches over what is there")
    func unevenSurroundings() async throws {
        let page = try await page("button")
        let button = try #require(page.blocks.last)
        #expect(button.text == "Cancel" && button.style.alignment == .centre)
        let long =
            "Anular definitivamente el pedido pendiente y volver a la lista de todos los anteriores, "
            + "sin guardar ninguno de los cambios que se hicieron desde la última vez que se abrió esta ventana"
        let lettered = try await replaced(page, by: ["Tu cuenta", long])
        let outcome = try #require(lettered.outcomes.last)
        #expect(outcome.problem == nil && outcome.contrast >= 4.5)
        #expect(outcome.box.width > 100, "\(outcome.box)")
        #expect(lettered.outcomes.first?.box.intersection(outcome.box) == nil)
    }

    @Test func aTextDoesNotGrowIntoAnotherPanel() async throws {
        let page = try await page("button")
        let clean = try await lettering.value.erase(page.blocks, from: page.picture)
        var block = try #require(page.blocks.last)
        // So that strips of a quarter of the size end exactly at the panel's edge.
        block.style.size = 20
        block.box = TextBox(x: 65, y: 165, width: 50, height: 20)
        block.lines = []
        let target = TargetBox(box: block.box, firstBaseline: 182, lastBaseline: 182)
        let grown = TargetBoxes([block], on: clean.picture).grown(target, for: block)
        #expect(grown.box.x == 40 && grown.box.right == 140, "\(grown.box)")
        #expect(grown.box.y >= 150 && grown.box.bottom <= 200)
    }

    @Test func lettersThatAreTooSmallToBeReadAreSetAsSmallAsCanBe() async throws {
        let page = try await page("sign")
        let clean = try await lettering.value.erase(page.blocks, from: page.picture)
        var block = try #require(page.blocks.first)
        block.style.size = 4
        let lettered = try await lettering.value.set([BlockText(block: block, text: "plums")], on: clean)
        #expect(lettered.outcomes.map(\.problem) == [nil])
        #expect(lettered.outcomes.map(\.size) == [Fitting.leastSize])
    }

    @Test func anEmptyTextLeavesAnEmptyPlace() async throws {
        let lettered = try await replaced(page("sign"), by: [" "])
        #expect(lettered.outcomes.map(\.problem) == [nil])
        #expect(try await lettered.picture == Pictures.bitmap("sign-clean.png"))
    }

    @Test func aLongWordIsMadeSmallerOrCutButNeverReachesOut() async throws {
        let page = try await page("labels")
        let lettered = try await replaced(page, by: page.blocks.map { _ in "Autentificaciones" })
        #expect(lettered.outcomes.allSatisfy { $0.problem == nil })
        for (index, one) in lettered.outcomes.enumerated() {
            for other in lettered.outcomes.dropFirst(index + 1) { #expect(one.box.intersection(other.box) == nil) }
        }
        let again = try await lettering.value.blocks(of: lettered.png).blocks
        #expect(again.map(\.text) == page.blocks.map { _ in "Autentificaciones" })
    }

    @Test(arguments: [
        ("es", "Autentificaciones", "Auten-ti-fi-ca-cio-nes"), ("es", "el desarrollo", "el desa-rro-llo"),
        ("es-MX", "INSTRUCCIONES", "INS-TRUC-CIO-NES"), ("pt", "trabalhadores", "tra-ba-lha-do-res"),
        ("it", "appartamento", "appar-ta-mento"), ("es", "puerta larga", "puerta larga"),
    ])
    func longWordsAreCutBetweenSyllables(language: String, text: String, parts: String) throws {
        let marked = try #require(Hyphenation(language)).marked(text)
        #expect(marked.replacing("\u{AD}", with: "-") == parts)
    }

    @Test(
        "a hyphen is put into no address, name or number",
        arguments: [
            "www.restaurante.es", "info@restaurante", "@restaurante,", "(#restaurante)", "restaurante2024",
            "s/restaurante",
        ],
    )
    func addressesStayWhole(word: String) throws {
        let text = "restaurante  \(word) restaurante."
        let marked = try #require(Hyphenation("es")).marked(text)
        #expect(marked.replacing("\u{AD}", with: "-") == "res-tau-rante  \(word) res-tau-rante.")
    }

    @Test func otherLanguagesAreNotHyphenated() {
        #expect(Hyphenation("en") == nil && Hyphenation(nil) == nil)
    }

    @Test func aHyphenatedWordIsReadAsOne() async throws {
        let page = try await page("labels")
        let texts = page.blocks.map { _ in "Autentificaciones" }
        let lettered = try await replaced(page, by: texts, language: "es")
        #expect(lettered.outcomes.allSatisfy { $0.problem == nil })
        #expect(try await lettering.value.blocks(of: lettered.png).blocks.map(\.text) == texts)
    }

    @Test func whatLooksLikeMarkupIsText() async throws {
        let lettered = try await replaced(page("sign"), by: ["<b>bread & jam</b>"])
        let outcome = try #require(lettered.outcomes.first)
        #expect(outcome.problem == nil && outcome.lineCount == 1)
        #expect(outcome.box.width > 300)
    }

    @Test("pale text is made readable", arguments: [120, 170, 235] as [UInt8])
    func contrast(shade: UInt8) async throws {
        let page = try await page("sign")
        let clean = try await lettering.value.erase(page.blocks, from: page.picture)
        var block = try #require(page.blocks.first)
        block.style.colour = Colour(red: shade, green: shade, blue: shade)
        let lettered = try await lettering.value.set([BlockText(block: block, text: "plums")], on: clean)
        let outcome = try #require(lettered.outcomes.first)
        #expect(outcome.contrast >= 4.5)
        #expect(Colour.contrast(outcome.colour, Colour(red: 240, green: 230, blue: 200)) >= 4.5)
    }

    @Test func onAnUnevenGroundPaleTextGetsAnOutline() async throws {
        let page = try await page("soft")
        let clean = try await lettering.value.erase(page.blocks, from: page.picture)
        var block = try #require(page.blocks.first)
        block.style.colour = Colour(red: 110, green: 100, blue: 90)
        let lettered = try await lettering.value.set([BlockText(block: block, text: "plums")], on: clean)
        let outcome = try #require(lettered.outcomes.first)
        #expect(outcome.stroke != nil && outcome.contrast >= 4.5)
    }
}
