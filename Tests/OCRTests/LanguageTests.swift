import Testing

@testable import OCR

/// Languages are whatever data is installed.
@Suite struct LanguageTests {
    @Test func installedLanguagesAreListedAndOtherDataIsNot() {
        let names = OCREngine.installedLanguages()
        #expect(names.contains("eng"), "apt-get install tesseract-ocr-eng")
        #expect(!names.contains("osd"))
        #expect(names == names.sorted())
    }

    @Test func aLanguageThatIsNotInstalledIsRefusedAndItsPackageNamed() {
        let error = #expect(throws: OCRError.self) { try OCREngine(languages: ["eng", "tlh_old"]) }
        #expect(error == .languageMissing("tlh_old"))
        #expect(error?.message.contains("apt-get install tesseract-ocr-tlh-old") == true)
    }

    @Test func aFolderThatDoesNotExistHasNoLanguages() {
        #expect(LanguageData(folder: "/nonexistent").languages().isEmpty)
    }
}
