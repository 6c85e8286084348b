// Pictures out, without loss.
#include "Internal.h"

cvips_status cvips_png_encode(cvips_image *image, int compression, uint8_t **bytes, size_t *count) {
  void *buffer = NULL;
  *count = 0;
  int failed = vips_pngsave_buffer(vips_of(image), &buffer, count, "compression", compression, "strip", TRUE, NULL);
  *bytes = failed ? NULL : buffer;
  return failed ? cvips_failed : cvips_ok;
}

void cvips_png_free(uint8_t *bytes) { g_free(bytes); }
