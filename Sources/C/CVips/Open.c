// Pictures in: from an encoded file or from pixels.
#include "Internal.h"
#include <string.h>

cvips_status cvips_open(const void *bytes, size_t count, cvips_loader loader, bool is_lenient, cvips_image **out) {
  VipsImage *image = NULL;
  void *buffer = (void *)bytes;
  int failed = -1;
  // The loader is named by the caller, who looked at the first bytes; libvips' own search finds blocked ones.
  // "error" also means "truncated": missing rows fail instead of turning grey.
  VipsFailOn fail_on = is_lenient ? VIPS_FAIL_ON_NONE : VIPS_FAIL_ON_ERROR;
  switch (loader) {
  case cvips_jpeg:
    failed = vips_jpegload_buffer(buffer, count, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                                  fail_on, NULL);
    break;
  case cvips_png:
    failed = vips_pngload_buffer(buffer, count, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                                  fail_on, NULL);
    break;
  case cvips_webp_file:
    failed = vips_webpload_buffer(buffer, count, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                                  fail_on, NULL);
    break;
  case cvips_gif:
    failed = vips_gifload_buffer(buffer, count, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                                  fail_on, NULL);
    break;
  case cvips_tiff:
    failed = vips_tiffload_buffer(buffer, count, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                                  fail_on, NULL);
    break;
  }
  return cvips_give(failed, image, out);
}

cvips_status cvips_open_frame(const void *bytes, size_t count, cvips_loader loader, int frame, cvips_image **out) {
  VipsImage *image = NULL;
  void *buffer = (void *)bytes;
  int failed = -1;
  if (loader == cvips_gif)
    failed = vips_gifload_buffer(buffer, count, &image, "page", frame, "access", VIPS_ACCESS_SEQUENTIAL, NULL);
  if (loader == cvips_webp_file)
    failed = vips_webpload_buffer(buffer, count, &image, "page", frame, "access", VIPS_ACCESS_SEQUENTIAL, NULL);
  return cvips_give(failed, image, out);
}

cvips_status cvips_from_pixels(const uint8_t *pixels, int width, int height, int bands, cvips_image **out) {
  VipsImage *image = vips_image_new_from_memory_copy(pixels, (size_t)width * height * bands, width, height, bands,
                                                     VIPS_FORMAT_UCHAR);
  if (image)
    image->Type = bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
  return cvips_give(!image, image, out);
}

void cvips_release(cvips_image *image) { g_object_unref(image); }

cvips_shape cvips_shape_of(cvips_image *image) {
  VipsImage *in = vips_of(image);
  return (cvips_shape){in->Xsize, in->Ysize, in->Bands, vips_image_get_orientation(in)};
}
