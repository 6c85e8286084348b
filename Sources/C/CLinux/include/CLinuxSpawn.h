#pragma once
#include <stdbool.h>
#include <sys/types.h>

/// Starts a program that inherits three descriptors and nothing else, with no signal blocked or ignored. `arguments` and
/// `environment` end with NULL; `arguments[0]` is the absolute path. `group` is the process group that it joins, 0 for
/// one of its own and -1 for ours. With `ends_with_thread` it is killed when the calling thread ends, by SIGKILL to this
/// process too. Returns its id, or -1 with errno set.
pid_t clinux_spawn(char *const arguments[], char *const environment[], const char *folder, int input, int output,
                   int error, pid_t group, bool ends_with_thread);
/// Both ends are closed on exec. Returns -1 with errno set when it fails.
int clinux_pipe(int ends[2]);
/// A file without a name, in memory, closed on exec. Returns -1 with errno set when it fails.
int clinux_memory_file(void);
