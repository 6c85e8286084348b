// A WebP whose end is missing. libvips does not open one at all; libwebp's incremental decoder gives the rows it has.
#include "Internal.h"
#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>

// Bytes between two looks at the clock.
static const size_t portion = 64 * 1024;

// Black, or transparent with four bands.
static VipsImage *empty_canvas(int width, int height, int bands) {
  VipsImage *canvas = vips_image_new_memory();
  vips_image_init_fields(canvas, width, height, bands, VIPS_FORMAT_UCHAR, VIPS_CODING_NONE, VIPS_INTERPRETATION_sRGB, 1,
                         1);
  if (vips_image_write_prepare(canvas)) {
    g_object_unref(canvas);
    return NULL;
  }
  memset(canvas->data, 0, VIPS_IMAGE_SIZEOF_IMAGE(canvas));
  return canvas;
}

// Where the frame lies on the canvas; libwebp decodes nothing that does not fit there.
static void aim(WebPDecoderConfig *config, VipsImage *canvas, const WebPIterator *frame) {
  size_t stride = VIPS_IMAGE_SIZEOF_LINE(canvas);
  config->output.colorspace = canvas->Bands == 4 ? MODE_RGBA : MODE_RGB;
  config->output.is_external_memory = 1;
  config->output.u.RGBA.rgba = VIPS_IMAGE_ADDR(canvas, frame->x_offset, frame->y_offset);
  config->output.u.RGBA.stride = (int)stride;
  config->output.u.RGBA.size = stride * (frame->height - 1) + (size_t)frame->width * canvas->Bands;
}

static cvips_status decode_rows(const WebPIterator *frame, VipsImage *canvas, int64_t deadline) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config))
    return cvips_failed;
  aim(&config, canvas, frame);
  WebPIDecoder *decoder = WebPIDecode(NULL, 0, &config);
  if (!decoder)
    return cvips_failed;
  cvips_status status = cvips_ok;
  VP8StatusCode state = VP8_STATUS_SUSPENDED;
  for (size_t given = 0; given < frame->fragment.size && state == VP8_STATUS_SUSPENDED && status == cvips_ok;) {
    given = VIPS_MIN(given + portion, frame->fragment.size);
    if (cvips_is_late(deadline))
      status = cvips_late;
    else
      state = WebPIUpdate(decoder, frame->fragment.bytes, given);
  }
  int rows = 0;
  if (status == cvips_ok && (!WebPIDecGetRGB(decoder, &rows, NULL, NULL, NULL) || rows == 0))
    status = cvips_failed;
  WebPIDelete(decoder);
  return status;
}

static void copy_profile(WebPDemuxer *file, VipsImage *canvas) {
  WebPChunkIterator chunk;
  if (WebPDemuxGetChunk(file, "ICCP", 1, &chunk))
    vips_image_set_blob_copy(canvas, VIPS_META_ICC_NAME, chunk.chunk.bytes, chunk.chunk.size);
  WebPDemuxReleaseChunkIterator(&chunk);
}

static cvips_status decode_first(WebPDemuxer *file, const WebPIterator *frame, int width, int height, int64_t deadline,
                                 cvips_image **out) {
  bool is_covered = frame->width == width && frame->height == height;
  VipsImage *canvas = empty_canvas(width, height, frame->has_alpha || !is_covered ? 4 : 3);
  if (!canvas)
    return cvips_failed;
  cvips_status status = decode_rows(frame, canvas, deadline);
  if (status == cvips_ok) {
    copy_profile(file, canvas);
    *out = (cvips_image *)canvas;
  } else {
    g_object_unref(canvas);
  }
  return status;
}

cvips_status cvips_open_cut_webp(const void *bytes, size_t count, int max_width, int max_height, int64_t deadline,
                                 cvips_image **out) {
  *out = NULL;
  WebPData data = {bytes, count};
  WebPDemuxState state;
  WebPDemuxer *file = WebPDemuxPartial(&data, &state);
  if (!file)
    return cvips_failed;
  int width = (int)WebPDemuxGetI(file, WEBP_FF_CANVAS_WIDTH);
  int height = (int)WebPDemuxGetI(file, WEBP_FF_CANVAS_HEIGHT);
  WebPIterator frame;
  cvips_status status = cvips_failed;
  if (WebPDemuxGetFrame(file, 1, &frame)) {
    bool fits = width <= max_width && height <= max_height && frame.width > 0 && frame.height > 0 &&
                frame.x_offset + frame.width <= width && frame.y_offset + frame.height <= height;
    if (fits)
      status = decode_first(file, &frame, width, height, deadline, out);
    WebPDemuxReleaseIterator(&frame);
  }
  WebPDemuxDelete(file);
  return status;
}
