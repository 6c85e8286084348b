// What Swift cannot see of Linux: calls behind _GNU_SOURCE, variadic calls, macros and unions.
// The feature macro stands in CLinux.c only: in a header it would change the types of every module that imports it.
#pragma once

#include "CLinuxEpoll.h"
#include "CLinuxSearch.h"
#include "CLinuxSpawn.h"
#include <semaphore.h>
#include <stdint.h>

/// Names the calling thread, as `top -H` shows it. Linux keeps the first 15 bytes.
void clinux_set_thread_name(const char *name);

/// Waits for a semaphore at most so long, by a clock that nobody sets. Returns 0 when it was taken.
int clinux_semaphore_wait(sem_t *semaphore, int64_t nanoseconds);
