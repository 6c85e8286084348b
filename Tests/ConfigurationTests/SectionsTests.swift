import Configuration
import Kernel
import Testing

/// Sections whose names the user chooses.
@Suite struct SectionsTests {
    private struct Shelf: Equatable {
        let name: String
        let width: Int
        let secret: String?
        var boards: [String] = []
    }

    private func read(_ layers: SettingsLayers) -> (shelves: [Shelf], reader: SettingsReader) {
        let reader = SettingsReader(layers)
        let shelves = reader.sections(
            "hall.shelves",
            name: .matching(/[a-z]+/, "lower-case letters"),
            help: "Shelves.",
        ) {
            name,
            section in
            let secret = section.secret(
                "secret",
                aliases: section.has("secret") ? [] : ["SHELF_SECRET"],
                help: "Its secret.",
            )
            let boards = section.sections("boards", name: .upTo(8), help: "Its boards.") { board, inner in
                "\(board)\(inner.int("length", 1...9, default: 1, help: "How long it is."))"
            }
            let width = section.int("width", 1...100, default: 10, help: "How wide it is.")
            return Shelf(name: name, width: width, secret: secret?.reveal(), boards: boards)
        }
        return (shelves, reader)
    }

    @Test func sectionsKeepTheirOrderAndMayNest() throws {
        let file = "hall: {shelves: {oak: {width: 30, boards: {a/b: {length: 2}, c.d: }}, ash: , elm: {secret: own}}}"
        let (shelves, reader) = read(SettingsLayers(file: file, environment: ["SHELF_SECRET": "shared"]))
        #expect(
            shelves == [
                Shelf(name: "oak", width: 30, secret: "shared", boards: ["a/b2", "c.d1"]),
                Shelf(name: "ash", width: 10, secret: "shared"), Shelf(name: "elm", width: 10, secret: "own"),
            ]
        )
        #expect(try reader.finish()["hall.shelves"]?.value == "oak,ash,elm")
    }

    @Test func aVariableWinsOverTheFile() throws {
        let file = "hall: {shelves: {oak: }}"
        let (shelves, reader) = read(
            SettingsLayers(file: file, environment: ["PICTOR_HALL_SHELVES": #"{"fir": {"width": 3}}"#])
        )
        #expect(shelves.map(\.name) == ["fir"] && shelves.map(\.width) == [3])
        #expect(try reader.finish()["hall.shelves"]?.source == .environment(variable: "PICTOR_HALL_SHELVES"))
        let (dotted, other) = read(SettingsLayers(dotenv: "PICTOR_HALL_SHELVES={oak: {}}\nSHELF_SECRET=s"))
        #expect(dotted == [Shelf(name: "oak", width: 10, secret: "s")])
        #expect(other.problems.isEmpty && other.warnings.isEmpty)
    }

    @Test("variables of this program do not reach into a section")
    func ownVariables() {
        let (shelves, _) = read(SettingsLayers(file: "hall: {shelves: {oak: }}", environment: ["PICTOR_WIDTH": "50"]))
        #expect(shelves.map(\.width) == [10])
    }

    static let mistakes: [(String, String)] = [
        ("hall: {shelves: {oak: {width: 0}}}", "In hall.shelves.oak: width (pictor.yaml line 1) is \"0\"; it must be"),
        ("hall: {shelves: {oak: {widht: 5}}}", "sets widht (it is \"5\"), which is no setting; did you mean width?"),
        ("hall: {shelves: {Oak: {width: 5}}}", "hall.shelves has a section Oak; its name must be lower-case letters."),
        ("hall: {shelves: [oak]}", "hall.shelves (pictor.yaml:1) must hold sections"),
        ("hall: {shelves: {oak: 5}}", "hall.shelves.oak (pictor.yaml line 1) must hold settings."),
        ("hall: {shelves: {oak: {boards: {x: {length: 10}}}}}", "In hall.shelves.oak: In boards.x: length"),
    ]

    @Test("what is wrong is told with its place", arguments: mistakes)
    func mistake(_ file: String, _ sentence: String) {
        let (shelves, reader) = read(SettingsLayers(file: file))
        #expect(shelves.isEmpty)
        #expect(reader.problems.contains { $0.sentence.contains(sentence) }, "\(reader.problems)")
    }

    @Test func aSecretIsNeverPrinted() {
        let (_, reader) = read(SettingsLayers(file: "hall: {shelves: {oak: {secret: very-secret, width: 0}}}"))
        #expect(!reader.problems.map(\.sentence).joined().contains("very-secret"))
        #expect(!reader.catalogue.table.contains("very-secret"))
    }
}
