import MemeSearch

/// The words of every name that the meme's file has come with, and of the one that it has now.
func wordsOfNames(_ meme: Meme, _ texts: MemeTexts) -> String {
    let known = texts.joined(.filename).split(separator: " ").map(String.init)
    let now = fileNameWords(meme.fileName)
    return (known + now.filter { !known.contains($0) }).joined(separator: " ")
}
