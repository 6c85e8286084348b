import Imaging
import Testing

@testable import Lettering

/// Scripts from right to left, alone and with what runs the other way.
@Suite(.timeLimit(.minutes(5))) struct BidirectionalTests {
    @Test(arguments: [("ar", "تفاح أخضر"), ("he", "תפוח ירוק")])
    func aLineBeginsAtTheRight(language: String, text: String) async throws {
        let lettered = try await replaced(page("sign"), by: [text], language: language)
        #expect(lettered.outcomes.map(\.problem) == [nil])
        let inked = differences(lettered.picture, try await Pictures.bitmap("sign-clean.png")).map(\.x)
        let box = try #require(lettered.outcomes.first).box
        let (first, last) = (try #require(inked.min()), try #require(inked.max()))
        #expect(Double(box.right) - last < first - Double(box.x))
    }

    /// Read by a reader who knows no Hebrew: what it reads of the rest does not matter.
    @Test(arguments: ["המחיר 4711 שקל", "שלום 4711", "ראו pictor.org כאן"])
    func numbersAndAddressesRunFromLeftToRight(text: String) async throws {
        let lettered = try await replaced(page("sign"), by: [text], language: "he")
        #expect(lettered.outcomes.map(\.problem) == [nil])
        let read = try await lettering.value.blocks(of: lettered.png).blocks.map(\.text).joined(separator: " ")
        #expect(read.contains("4711") || read.contains("pictor.org"), "\(read)")
    }

    /// Of "שלום 4711" the number is what comes last, so it stands at the left.
    @Test func theNumberAfterAWordStandsAtItsLeft() async throws {
        let lettered = try await replaced(page("sign"), by: ["שלום 4711"], language: "he")
        let blocks = try await lettering.value.blocks(of: lettered.png).blocks
        let words = blocks.flatMap(\.lines).map(\.text).joined(separator: " ")
        #expect(words.hasPrefix("4711"), "\(words)")
    }
}
