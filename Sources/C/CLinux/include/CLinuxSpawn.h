#pragma once
#include <sys/types.h>

/// Starts a program that inherits three descriptors and nothing else, with no signal blocked or ignored. `arguments` and
/// `environment` end with NULL; `arguments[0]` is the absolute path. Returns its id, or -1 with errno set.
pid_t clinux_spawn(char *const arguments[], char *const environment[], const char *folder, int input, int output,
                   int error);
/// Both ends are closed on exec. Returns -1 with errno set when it fails.
int clinux_pipe(int ends[2]);
