// Letters by their colour alone, whatever lies behind them.
#include "Internal.h"

typedef uint8_t (*ink_of)(int least, int most);

// Soft, so that letters keep their smooth edges. JPEG makes white letters as dark as 215 in their middle.
static const int white_from = 170, white_to = 225;
static const int black_from = 85, black_to = 30;

static uint8_t share(int value, int from, int to) {
  int ink = 255 * (value - from) / (to - from);
  return 255 - VIPS_CLIP(0, ink, 255);
}

static uint8_t white_ink(int least, int most) {
  (void)most;
  return share(least, white_from, white_to);
}

static uint8_t black_ink(int least, int most) {
  (void)least;
  return share(most, black_from, black_to);
}

static uint8_t colour_ink(int least, int most) { return share(most - least, 0, 160); }

static cvips_status draw(cvips_image *image, ink_of ink, cvips_image **out) {
  VipsImage *in = vips_of(image);
  VipsImage *sheet = vips_image_new_memory();
  vips_image_init_fields(sheet, in->Xsize, in->Ysize, 1, VIPS_FORMAT_UCHAR, VIPS_CODING_NONE,
                         VIPS_INTERPRETATION_B_W, 1, 1);
  if (in->Bands != 3 || !in->data || vips_image_write_prepare(sheet)) {
    g_object_unref(sheet);
    return cvips_give(1, NULL, out);
  }
  size_t area = (size_t)in->Xsize * in->Ysize;
  for (size_t at = 0; at < area; at++) {
    const uint8_t *pixel = in->data + 3 * at;
    int least = VIPS_MIN(pixel[0], VIPS_MIN(pixel[1], pixel[2]));
    int most = VIPS_MAX(pixel[0], VIPS_MAX(pixel[1], pixel[2]));
    sheet->data[at] = ink(least, most);
  }
  return cvips_give(0, sheet, out);
}

cvips_status cvips_extremes(cvips_image *image, bool are_white, cvips_image **out) {
  return draw(image, are_white ? white_ink : black_ink, out);
}

cvips_status cvips_colourfulness(cvips_image *image, cvips_image **out) { return draw(image, colour_ink, out); }
