#define _GNU_SOURCE
#include "CLinuxSearch.h"

#include <string.h>

ptrdiff_t clinux_find(const void *bytes, size_t count, const void *needle, size_t needle_count) {
    const char *found = memmem(bytes, count, needle, needle_count);
    return found ? found - (const char *)bytes : -1;
}
