import Kernel
import SharedState
import Telemetry
@main struct B { static func main() {} }
