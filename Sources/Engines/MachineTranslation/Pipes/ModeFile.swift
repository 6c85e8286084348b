/// The programs of a pair, as Apertium's mode file names them.
///
/// A mode file is a line of shell. It is read here, never run: what is more than words, quotes and pipes is refused, and
/// so is every program that is not one of Apertium's.
struct ModeFile: Sendable, Equatable {
    /// Why a mode file is not used. The text is for the log and for `pictor doctor`.
    struct Refused: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// Each an absolute path and arguments, ready to be started.
    let stages: [[String]]

    /// What a stage may be. All answer after each NUL with `-z`.
    static let programs: Set<String> = [
        "apertium-anaphora", "apertium-interchunk", "apertium-postchunk", "apertium-pretransfer", "apertium-tagger",
        "apertium-transfer", "cg-proc", "lrx-proc", "lsx-proc", "lt-proc", "rtx-proc",
    ]

    /// Reads the text of a file; the programs are in `folder`.
    init(_ text: String, programs folder: String = "/usr/bin") throws(Refused) {
        var stages: [[String]] = []
        for words in try Self.commands(text) {
            guard let name = words.first?.split(separator: "/").last.map(String.init) else {
                throw Refused(description: "a stage has no program")
            }
            guard Self.programs.contains(name) else { throw Refused(description: "\(name) is no program of a pair") }
            var arguments: [String] = []
            for word in words.dropFirst() {
                if let argument = try Self.argument(word) { arguments.append(argument) }
            }
            let flush = arguments.contains("-z") ? [] : ["-z"]
            stages.append(["\(folder)/\(name)"] + flush + arguments)
        }
        guard !stages.isEmpty else { throw Refused(description: "no stages") }
        self.stages = stages
    }

    init(stages: [[String]]) { self.stages = stages }

    /// `$1` is how unknown words are shown: `-g` marks them. `$2` is for a debugger.
    private static func argument(_ word: String) throws(Refused) -> String? {
        switch word {
        case "$1": "-g"
        case "$2": nil
        case _ where word.contains("$"): throw Refused(description: "\(word) is no argument")
        default: word
        }
    }

    private static func commands(_ text: String) throws(Refused) -> [[String]] {
        var commands: [[String]] = [[]]
        var word: String?
        var quote: Character?
        func refuse(_ character: Character) throws(Refused) {
            guard character.isLetter || character.isNumber || "-_./=+,:$@".contains(character) else {
                throw Refused(description: "\(character) outside quotes")
            }
        }
        for character in text {
            if let open = quote {
                if character == open { quote = nil } else { word?.append(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace || character == "|" {
                if let complete = word { commands[commands.count - 1].append(complete) }
                word = nil
                if character == "|" { commands.append([]) }
            } else {
                try refuse(character)
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else { throw Refused(description: "an open quote") }
        if let word { commands[commands.count - 1].append(word) }
        return commands
    }
}
