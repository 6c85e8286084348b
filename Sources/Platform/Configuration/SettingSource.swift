/// Where a value came from, in ascending order of precedence.
package enum SettingSource: Sendable, Equatable, CustomStringConvertible {
    case standard
    case file(String, line: Int)
    case dotenv(String, line: Int, variable: String)
    case environment(variable: String)
    case commandLine(option: String)

    package var description: String {
        switch self {
        case .standard: "default"
        case .file(let name, let line): "\(name):\(line)"
        case .dotenv(let name, let line, let variable): "\(name):\(line) \(variable)"
        case .environment(let variable): "environment \(variable)"
        case .commandLine(let option): "option \(option)"
        }
    }
}
