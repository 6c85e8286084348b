#pragma once
#include <stddef.h>

/// Where `needle` begins in `bytes`, or -1. `memmem` stands behind _GNU_SOURCE.
ptrdiff_t clinux_find(const void *bytes, size_t count, const void *needle, size_t needle_count);
