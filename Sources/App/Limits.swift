import Glibc

/// How many files this process may have open.
func openFileLimit() -> Int {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(7), &limit)  // RLIMIT_NOFILE, a macro that Swift does not see
    return Int(clamping: limit.rlim_cur)
}

/// Raises the limit of open files to what the system allows; each connection takes one.
func raiseOpenFileLimit() {
    var limit = rlimit()
    let resource = __rlimit_resource_t(7)
    guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(resource, &limit)
}
