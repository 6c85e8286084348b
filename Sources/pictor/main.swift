import App
import Glibc

let code = await Program.main(Array(CommandLine.arguments.dropFirst()))
// Not `exit`: OpenSSL frees its locks there, while threads that nobody waits for may still use them, and the process
// would end with a segmentation fault.
fflush(nil)
_exit(code)
