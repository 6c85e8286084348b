// The phrase table, embedded by the compiler (C23, 6.10.4).
#include "CPhrases.h"

static const unsigned char table[] = {
#embed "phrases.tsv"
};

const unsigned char *const cphrases_table = table;
const size_t cphrases_table_count = sizeof table;
