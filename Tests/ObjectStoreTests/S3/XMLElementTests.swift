import Testing

@testable import ObjectStore

@Suite struct XMLElementTests {
    private func read(_ text: String) -> XMLElement? { XMLElement(Array(text.utf8)) }

    @Test func elementsTextAndEntitiesAreRead() {
        let root = read(
            "\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a xmlns=\"u>n\" b='c'><d>1 &amp; 2 &lt;&gt;&quot;&apos; &#65;&#x1F600;</d> <e/><d>x</d></a>\n"
        )
        #expect(root?.name == "a")
        #expect(root?["d"] == "1 & 2 <>\"' A😀")
        #expect(root?["e"] == "")
        #expect(root?["f"] == nil)
        #expect(root?.children.map(\.name) == ["d", "e", "d"])
    }

    @Test(arguments: [
        "", "text", "<a>", "<a></b>", "<a><b></a></b>", "<a/><b/>", "<a>&unknown;</a>", "<a>&#xD800;</a>",
        "<a>&amp</a>",
        "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<a><![CDATA[x]]></a>", "<a b></a>", "<a b=c></a>", "<a b=\"></a>",
        "<a/>x", "<a>&#99999999999;</a>", "< a/>", "<?xml version=\"1.0\"", "<a><?x?></a>",
        String(repeating: "<a>", count: 5000) + String(repeating: "</a>", count: 5000),
    ])
    func everythingElseIsRefused(_ text: String) {
        #expect(read(text) == nil)
    }

    @Test func whatIsCutAnywhereIsRefused() {
        let whole = Array("<?xml version='1.0'?><a b='c'><d>&amp;</d></a>".utf8)
        #expect(XMLElement(whole) != nil)
        for count in 0..<whole.count { #expect(XMLElement(Array(whole[..<count])) == nil) }
    }
}
