@main struct VectorBench { static func main() {} }
