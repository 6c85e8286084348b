import Kernel

extension MemesModule {
    /// What became of a pack that came in.
    package struct PackReport: Sendable, Equatable {
        /// A file that was not taken, and why.
        package struct Problem: Sendable, Equatable {
            package let file: String
            package let message: String
        }

        /// New memes.
        package internal(set) var added = 0
        /// Files whose bytes were memes already.
        package internal(set) var known = 0
        /// Files that no one asked for, such as those that a manifest does not name.
        package internal(set) var ignored = 0
        /// Files that were not taken.
        package internal(set) var refused = 0
        /// The first hundred of them.
        package internal(set) var problems: [Problem] = []
        /// Every meme of the pack, new or known.
        package internal(set) var memes: Set<ID<Meme>> = []

        private static let mostProblems = 100

        mutating func refuse(_ file: String, _ message: String) {
            refused += 1
            if problems.count < Self.mostProblems { problems.append(Problem(file: file, message: message)) }
        }

        mutating func take(_ meme: Added) {
            if meme.isNew { added += 1 } else { known += 1 }
            memes.insert(meme.id)
        }

        /// As clients get it.
        package var json: JSON {
            [
                "added": JSON(added), "known": JSON(known), "ignored": JSON(ignored), "refused": JSON(refused),
                "problems": JSON(
                    problems.map { ["file": JSON($0.file), "message": JSON($0.message)] as JSON }
                ),
            ]
        }
    }

    /// How far a pack is: files that are settled, and all of them.
    package typealias PackProgress = @Sendable (_ done: Int, _ total: Int) async throws -> Void
}
