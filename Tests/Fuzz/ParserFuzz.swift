// Compiled together with the HTTPServer module's sources by script/fuzz; no target of the package.

/// What libFuzzer calls. The first byte chooses the parser, the second where the input is cut in two; a difference
/// between whole and cut ends the process, as any trap does.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    guard count > 2 else { return 0 }
    let input = UnsafeBufferPointer(start: data, count: count)
    let bytes = Array(input[2...])
    let place = Int(input[1]) * bytes.count / 256
    let halves = [Array(bytes[..<place]), Array(bytes[place...])]
    switch input[0] % 3 {
    case 0: fuzzHead(bytes, cutAt: place)
    case 1: precondition(decodeChunks([bytes]) == decodeChunks(halves), "chunks depend on how they are cut")
    default: precondition(parseForm([bytes]) == parseForm(halves), "a form depends on how it is cut")
    }
    return 0
}

private func fuzzHead(_ bytes: [UInt8], cutAt place: Int) {
    let whole = verdict(bytes)
    let part = verdict(Array(bytes[..<place]))
    guard part != "incomplete" else { return }
    if part == "refused" {
        precondition(whole == "refused", "more bytes made a refused head good")
    } else {
        precondition(whole == part, "a complete head depends on what follows it")
    }
}

private func verdict(_ bytes: [UInt8]) -> String {
    switch bytes.withUnsafeBufferPointer({ HeadParser.parse($0) }) {
    case .incomplete: return "incomplete"
    case .refused: return "refused"
    case .complete(let head, let count):
        let request = Request(head: head.message, body: .empty, peer: .loopback, control: nil)
        let pairs = request.query.map { "\($0.name)=\($0.value)" }
        precondition(request.headers.all("Host").count <= 1, "two hosts")
        precondition(!request.path.contains("\0") && !"\(request.path)/".contains("/../"), "a path that climbs")
        return
            "\(count) \(head.framing) \(request.method) \(request.target) \(request.path) \(pairs) \(request.headers.count)"
    }
}

private func decodeChunks(_ pieces: [[UInt8]]) -> [UInt8]? {
    var decoder = ChunkedDecoder()
    var output: [UInt8] = []
    do {
        for piece in pieces { _ = try decoder.decode(piece[...], into: &output) }
    } catch { return nil }
    return output + [decoder.isComplete ? 1 : 0]
}

private func parseForm(_ pieces: [[UInt8]]) -> String {
    var parser = MultipartParser(boundary: "b")
    var text = ""
    do {
        for piece in pieces {
            for event in try parser.feed(piece) {
                switch event {
                case .began(let headers): text += "\n\(headers)\n"
                case .data(let bytes): text += bytes.map { "\($0)." }.joined()
                case .ended: text += "\nended"
                }
            }
        }
    } catch { return "malformed" }
    return text + "\(parser.isComplete)"
}
