#include <tesseract/capi.h>

// Of libgomp, which Tesseract is built with; clang does not find GCC's header. For the calling thread: how many
// nested parallel regions may have more than one thread (OpenMP 5.0, 3.2.16).
void omp_set_max_active_levels(int levels);

// Of Leptonica, whose headers need many others: messages below this severity are not printed; 6 is none. Returns the
// former one.
int setMsgSeverity(int severity);
