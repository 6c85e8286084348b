// For clock_gettime.
#define _POSIX_C_SOURCE 200809L
// Computing pixels, on the calling thread: no thread pool of libvips, a look at the clock between strips.
#include "Internal.h"
#include <string.h>
#include <time.h>

bool cvips_is_late(int64_t deadline) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec >= deadline;
}

// Even, because libwebp halves the colour planes by pairs of rows; high enough that the overlap of rows which
// resizing reads twice does not matter.
static const int strip_rows = 64;

cvips_status cvips_each_strip(VipsImage *image, int64_t deadline, cvips_take_strip take, void *context) {
  VipsRegion *region = vips_region_new(image);
  if (!region)
    return cvips_failed;
  cvips_status status = cvips_ok;
  for (int y = 0; y < image->Ysize && status == cvips_ok; y += strip_rows) {
    VipsRect strip = {0, y, image->Xsize, VIPS_MIN(strip_rows, image->Ysize - y)};
    if (cvips_is_late(deadline))
      status = cvips_late;
    else if (vips_region_prepare(region, &strip) || take(context, region, &strip))
      status = cvips_failed;
  }
  g_object_unref(region);
  return status;
}

static int copy_strip(void *context, VipsRegion *region, VipsRect *strip) {
  VipsImage *memory = context;
  size_t line = VIPS_IMAGE_SIZEOF_LINE(memory);
  for (int y = strip->top; y < VIPS_RECT_BOTTOM(strip); y++)
    memcpy(VIPS_IMAGE_ADDR(memory, 0, y), VIPS_REGION_ADDR(region, 0, y), line);
  return 0;
}

cvips_status cvips_render(cvips_image *image, int64_t deadline, cvips_image **out) {
  VipsImage *in = vips_of(image);
  VipsImage *memory = vips_image_new_memory();
  vips_image_init_fields(memory, in->Xsize, in->Ysize, in->Bands, VIPS_FORMAT_UCHAR, VIPS_CODING_NONE,
                         VIPS_INTERPRETATION_sRGB, 1, 1);
  cvips_status status = cvips_failed;
  if (in->BandFmt == VIPS_FORMAT_UCHAR && !vips_image_write_prepare(memory))
    status = cvips_each_strip(in, deadline, copy_strip, memory);
  if (status != cvips_ok)
    g_object_unref(memory);
  *out = status == cvips_ok ? (cvips_image *)memory : NULL;
  return status;
}

const uint8_t *cvips_pixels(cvips_image *image) { return vips_of(image)->data; }

bool cvips_is_opaque(cvips_image *image) {
  VipsImage *in = vips_of(image);
  if (in->Bands != 4)
    return true;
  const uint8_t *end = in->data + VIPS_IMAGE_SIZEOF_IMAGE(in);
  for (const uint8_t *alpha = in->data + 3; alpha < end; alpha += 4)
    if (*alpha != 255)
      return false;
  return true;
}
