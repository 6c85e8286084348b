// What Swift cannot see of Linux: calls behind _GNU_SOURCE, variadic calls, macros and unions.
// The feature macro stands in CLinux.c only: in a header it would change the types of every module that imports it.
#pragma once

#include "CLinuxEpoll.h"
#include "CLinuxSearch.h"

/// Names the calling thread, as `top -H` shows it. Linux keeps the first 15 bytes.
void clinux_set_thread_name(const char *name);
