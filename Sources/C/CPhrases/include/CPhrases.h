#pragma once
#include <stddef.h>

/// Signs, buttons and formulas in several languages, as tab-separated text in UTF-8.
extern const unsigned char *const cphrases_table;
extern const size_t cphrases_table_count;
