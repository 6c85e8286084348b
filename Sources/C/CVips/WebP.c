// WebP out, through libwebp itself: no metadata at all, a deadline inside the encoder, half the memory.
#include "Internal.h"
#include <stdlib.h>
#include <string.h>
#include <webp/encode.h>

struct cvips_webp {
  WebPPicture picture;
};

static cvips_webp *new_webp(int width, int height, bool has_alpha) {
  cvips_webp *webp = calloc(1, sizeof *webp);
  if (!webp || !WebPPictureInit(&webp->picture)) {
    free(webp);
    return NULL;
  }
  webp->picture.width = width;
  webp->picture.height = height;
  webp->picture.colorspace = has_alpha ? WEBP_YUV420A : WEBP_YUV420;
  if (WebPPictureAlloc(&webp->picture))
    return webp;
  cvips_webp_release(webp);
  return NULL;
}

static void copy_plane(uint8_t *to, int to_stride, const uint8_t *from, int from_stride, int width, int rows) {
  for (int y = 0; y < rows; y++)
    memcpy(to + (size_t)y * to_stride, from + (size_t)y * from_stride, width);
}

// libwebp leaves the alpha plane out when a strip is opaque.
static void copy_alpha(WebPPicture *whole, const WebPPicture *part, int top) {
  uint8_t *to = whole->a + (size_t)top * whole->a_stride;
  if (part->a)
    copy_plane(to, whole->a_stride, part->a, part->a_stride, part->width, part->height);
  else
    for (int y = 0; y < part->height; y++)
      memset(to + (size_t)y * whole->a_stride, 255, part->width);
}

static int import_strip(void *context, VipsRegion *region, VipsRect *strip) {
  WebPPicture *whole = context;
  WebPPicture part;
  if (!WebPPictureInit(&part))
    return -1;
  part.width = strip->width;
  part.height = strip->height;
  uint8_t *pixels = VIPS_REGION_ADDR(region, 0, strip->top);
  int stride = (int)VIPS_REGION_LSKIP(region);
  int imported = region->im->Bands == 4 ? WebPPictureImportRGBA(&part, pixels, stride)
                                        : WebPPictureImportRGB(&part, pixels, stride);
  if (imported) {
    int half_top = strip->top / 2, half_rows = (part.height + 1) / 2, half_width = (part.width + 1) / 2;
    copy_plane(whole->y + (size_t)strip->top * whole->y_stride, whole->y_stride, part.y, part.y_stride, part.width,
               part.height);
    copy_plane(whole->u + (size_t)half_top * whole->uv_stride, whole->uv_stride, part.u, part.uv_stride, half_width,
               half_rows);
    copy_plane(whole->v + (size_t)half_top * whole->uv_stride, whole->uv_stride, part.v, part.uv_stride, half_width,
               half_rows);
    if (whole->a)
      copy_alpha(whole, &part, strip->top);
  }
  WebPPictureFree(&part);
  return imported ? 0 : -1;
}

cvips_status cvips_webp_import(cvips_image *image, int64_t deadline, cvips_webp **out) {
  VipsImage *in = vips_of(image);
  cvips_webp *webp = new_webp(in->Xsize, in->Ysize, in->Bands == 4);
  cvips_status status = webp ? cvips_each_strip(in, deadline, import_strip, &webp->picture) : cvips_failed;
  if (status != cvips_ok && webp)
    cvips_webp_release(webp);
  *out = status == cvips_ok ? webp : NULL;
  return status;
}

static int is_in_time(int percent, const WebPPicture *picture) {
  (void)percent;
  return !cvips_is_late(*(const int64_t *)picture->user_data);
}

cvips_status cvips_webp_encode(cvips_webp *webp, float quality, int method, int64_t deadline, uint8_t **bytes,
                               size_t *count) {
  WebPConfig config;
  WebPPicture *picture = &webp->picture;
  if (!WebPConfigInit(&config))
    return cvips_failed;
  config.quality = quality;
  config.method = method;
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  picture->writer = WebPMemoryWrite;
  picture->custom_ptr = &writer;
  picture->progress_hook = is_in_time;
  picture->user_data = &deadline;
  if (WebPEncode(&config, picture)) {
    *bytes = writer.mem;
    *count = writer.size;
    return cvips_ok;
  }
  WebPMemoryWriterClear(&writer);
  return picture->error_code == VP8_ENC_ERROR_USER_ABORT ? cvips_late : cvips_failed;
}

void cvips_webp_release(cvips_webp *webp) {
  WebPPictureFree(&webp->picture);
  free(webp);
}

void cvips_free(uint8_t *bytes) { WebPFree(bytes); }
