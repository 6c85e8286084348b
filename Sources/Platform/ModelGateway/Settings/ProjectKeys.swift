import Configuration
import Kernel

/// Reads the keys of several projects from a text: between spaces or line ends, or as the original listed them, which is
/// YAML or JSON with `keys`, each an `id` and an `api_key`. What else stands there is passed over: ids name nothing, and
/// limits are the models'.
///
/// - Throws: ``BadKeys`` for a list that holds no keys.
func projectKeys(_ text: String) throws(BadKeys) -> [Secret<String>] {
    guard isList(text) else { return text.split(whereSeparator: \.isWhitespace).map { Secret(String($0)) } }
    let list: JSON
    do throws(YAMLDocumentError) {
        list = try JSON(yaml: text)
    } catch {
        // The reason may name what stands there.
        throw BadKeys(reason: "line \(error.line) cannot be read")
    }
    guard let entries = list["keys"]?.array, !entries.isEmpty else { throw BadKeys(reason: "keys is no list") }
    var keys: [Secret<String>] = []
    for (index, entry) in entries.enumerated() {
        guard let key = entry["api_key"]?.string, !key.isEmpty, !key.contains(where: \.isWhitespace) else {
            throw BadKeys(reason: "entry \(index + 1) of keys has no api_key")
        }
        keys.append(Secret(key))
    }
    return keys
}

/// Why a list of keys is none. It never repeats what stands there.
struct BadKeys: Error, Equatable {
    let reason: String
}

/// No key has a colon or a brace.
private func isList(_ text: String) -> Bool {
    text.split(whereSeparator: \.isNewline).contains { line in
        let words = line.drop(while: \.isWhitespace)
        return words.hasPrefix("keys:") || words.hasPrefix("\"keys\"") || words.hasPrefix("{")
    }
}
