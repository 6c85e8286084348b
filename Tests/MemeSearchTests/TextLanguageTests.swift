import MemeSearch
import Testing

@Suite struct TextLanguageTests {
    static let texts: [(text: String, language: String?)] = [
        ("WHEN YOU REALIZE IT IS MONDAY", "en"), ("Wenn du merkst, dass es nicht Freitag ist", "de"),
        ("cuando no es viernes y tienes que trabajar", "es"), ("quand tu vois que ce n'est pas vendredi", "fr"),
        ("今天好累啊", "zh"), ("今日はとても疲れた", "ja"), ("오늘 너무 피곤해", "ko"), ("когда уже пятница", "ru"),
        ("monday", nil), ("", nil), ("?!", nil), ("1234 5678", nil), ("zzz xqj 好", nil), ("lol 今天好累 wow", "zh"),
        ("the 今天", "zh"), ("la", nil),
    ]

    @Test("a language is told by its script or its small words", arguments: texts)
    func guess(text: String, language: String?) {
        #expect(TextLanguage.guess(text) == language)
    }
}
