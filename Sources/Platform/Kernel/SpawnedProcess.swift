internal import CLinux
import Glibc

/// A program that could not be started. The text is for the log.
package struct NotStarted: Error, CustomStringConvertible {
    package let description: String

    package init(_ what: String, code: Int32) {
        description = "\(what): \(String(cString: strerror(code)))"
    }
}

/// What a new process gets from this one.
package struct ProcessInheritance {
    /// Descriptors for input, output and errors; it has no others.
    package var streams: (input: Int32, output: Int32, errors: Int32)
    /// The group it joins: 0 for one of its own, `nil` for ours.
    package var group: Int32?
    /// Whether the kernel kills it when the thread that starts it ends, also when that is by SIGKILL to all of us.
    package var endsWithThread: Bool

    package init(
        streams: (input: Int32, output: Int32, errors: Int32),
        group: Int32? = nil,
        endsWithThread: Bool = false,
    ) {
        self.streams = streams
        self.group = group
        self.endsWithThread = endsWithThread
    }
}

/// Starts `line`, whose first word is the absolute path of a program, in `folder`; it gets `environment` only, and no
/// signal is blocked or ignored in it. Whoever calls waits for its end with `waitpid`.
///
/// - Returns: The kernel's number of the process.
/// - Throws: ``NotStarted``.
package func spawnProcess(
    _ line: [String],
    environment: [String: String],
    folder: String,
    _ inheritance: ProcessInheritance,
) throws(NotStarted) -> Int32 {
    var arguments = line.map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for word in arguments + variables { free(word) } }
    let child = clinux_spawn(
        &arguments,
        &variables,
        folder,
        inheritance.streams.input,
        inheritance.streams.output,
        inheritance.streams.errors,
        inheritance.group ?? -1,
        inheritance.endsWithThread,
    )
    guard child > 0 else { throw NotStarted(line.first ?? "no program", code: errno) }
    return child
}

/// A pipe whose ends no program inherits unless it is given one.
///
/// - Throws: ``NotStarted`` when no descriptor is left.
package func openPipe() throws(NotStarted) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    guard clinux_pipe(&ends) == 0 else { throw NotStarted("a pipe", code: errno) }
    return (ends[0], ends[1])
}
