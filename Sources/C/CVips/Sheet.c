// Steps that bring out the text of a picture; computed by cvips_render.
#include "Internal.h"

#define SCOPE(object) VipsObject *object = VIPS_OBJECT(vips_image_new())
#define LOCALS(object, count) ((VipsImage **)vips_object_local_array(object, count))

cvips_status cvips_over_grey(cvips_image *image, cvips_image **out) {
  double grey[] = {128, 128, 128};
  VipsArrayDouble *background = vips_array_double_new(grey, 3);
  SCOPE(scope);
  VipsImage **step = LOCALS(scope, 1);
  VipsImage *result = NULL;
  int failed = vips_flatten(vips_of(image), &step[0], "background", background, NULL) ||
               vips_cast(step[0], &result, VIPS_FORMAT_UCHAR, NULL);
  vips_area_unref(VIPS_AREA(background));
  g_object_unref(scope);
  return cvips_give(failed, result, out);
}

cvips_status cvips_grey(cvips_image *image, cvips_image **out) {
  VipsImage *result = NULL;
  return cvips_give(vips_colourspace(vips_of(image), &result, VIPS_INTERPRETATION_B_W, NULL), result, out);
}

// Wider than the strokes of small letters, in pixels.
enum { stroke_window = 9 };

// The darkest (index 0) or brightest (index stroke_window - 1) pixel of a square window, by columns and rows.
static int extreme(VipsImage *in, int index, VipsImage **step, VipsImage **out) {
  return vips_rank(in, step, stroke_window, 1, index, NULL) || vips_rank(*step, out, 1, stroke_window, index, NULL);
}

cvips_status cvips_strokes(cvips_image *image, bool are_bright, cvips_image **out) {
  int first = are_bright ? 0 : stroke_window - 1;
  SCOPE(scope);
  VipsImage **step = LOCALS(scope, 7);
  VipsImage *result = NULL;
  VipsImage *in = vips_of(image);
  if (in->Xsize < stroke_window || in->Ysize < stroke_window) {
    // vips_rank refuses a picture smaller than its window; such a one has no letters.
    int failed = vips_black(&step[0], in->Xsize, in->Ysize, NULL) || vips_invert(step[0], &result, NULL);
    g_object_unref(scope);
    return cvips_give(failed, result, out);
  }
  // Without its thin bright parts (an opening) or its thin dark ones (a closing); what differs are the strokes.
  int failed = vips_colourspace(in, &step[0], VIPS_INTERPRETATION_B_W, NULL) ||
               extreme(step[0], first, &step[1], &step[2]) ||
               extreme(step[2], stroke_window - 1 - first, &step[3], &step[4]) ||
               vips_subtract(are_bright ? step[4] : step[0], are_bright ? step[0] : step[4], &step[5], NULL) ||
               vips_linear1(step[5], &step[6], 1, 255, NULL) || vips_cast(step[6], &result, VIPS_FORMAT_UCHAR, NULL);
  g_object_unref(scope);
  return cvips_give(failed, result, out);
}
