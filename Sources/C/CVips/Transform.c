// Steps that are described here and computed by cvips_render.
#include "Internal.h"

// Gives `step` to `object`, which releases it at the end, so that no path leaks.
#define SCOPE(object) VipsObject *object = VIPS_OBJECT(vips_image_new())
#define LOCALS(object, count) ((VipsImage **)vips_object_local_array(object, count))

cvips_status cvips_to_srgb(cvips_image *image, cvips_image **out) {
  VipsImage *in = vips_of(image);
  SCOPE(scope);
  VipsImage **step = LOCALS(scope, 4);
  if (vips_image_get_typeof(in, VIPS_META_ICC_NAME)) {
    // A profile that does not fit its pixels is no reason to refuse a picture: browsers show it as sRGB too.
    // Perceptual is the one intent that every table profile has; of one that lacks the wanted intent libvips silently
    // takes its own CMYK instead.
    if (vips_icc_transform(in, &step[0], "srgb", "embedded", TRUE, "depth", 8, "intent", VIPS_INTENT_PERCEPTUAL, NULL))
      vips_error_clear();
    else
      in = step[0];
  }
  VipsImage *result = NULL;
  int failed = vips_colourspace(in, &step[1], VIPS_INTERPRETATION_sRGB, NULL) ||
               vips_cast(step[1], &step[2], VIPS_FORMAT_UCHAR, NULL);
  if (!failed) {
    if (step[2]->Bands > 4)
      failed = vips_extract_band(step[2], &result, 0, "n", 4, NULL);
    else
      failed = vips_copy(step[2], &result, NULL);
  }
  g_object_unref(scope);
  return cvips_give(failed, result, out);
}

cvips_status cvips_resize(cvips_image *image, int width, int height, cvips_image **out) {
  VipsImage *in = vips_of(image);
  double across = (double)width / in->Xsize;
  double down = (double)height / in->Ysize;
  VipsImage *result = NULL;
  if (in->Bands != 4)
    return cvips_give(vips_resize(in, &result, across, "vscale", down, NULL), result, out);
  SCOPE(scope);
  VipsImage **step = LOCALS(scope, 4);
  int failed = vips_premultiply(in, &step[0], NULL) || vips_cast(step[0], &step[1], VIPS_FORMAT_UCHAR, NULL) ||
               vips_resize(step[1], &step[2], across, "vscale", down, NULL) ||
               vips_unpremultiply(step[2], &step[3], NULL) || vips_cast(step[3], &result, VIPS_FORMAT_UCHAR, NULL);
  g_object_unref(scope);
  return cvips_give(failed, result, out);
}

static VipsAngle angle_of(int orientation) {
  switch (orientation) {
  case 3:
  case 4:
    return VIPS_ANGLE_D180;
  case 5:
  case 6:
    return VIPS_ANGLE_D90;
  case 7:
  case 8:
    return VIPS_ANGLE_D270;
  default:
    return VIPS_ANGLE_D0;
  }
}

cvips_status cvips_orient(cvips_image *image, int orientation, cvips_image **out) {
  bool is_mirrored = orientation == 2 || orientation == 4 || orientation == 5 || orientation == 7;
  SCOPE(scope);
  VipsImage **step = LOCALS(scope, 1);
  VipsImage *result = NULL;
  int failed = vips_rot(vips_of(image), &step[0], angle_of(orientation), NULL) ||
               (is_mirrored ? vips_flip(step[0], &result, VIPS_DIRECTION_HORIZONTAL, NULL)
                            : vips_copy(step[0], &result, NULL));
  g_object_unref(scope);
  return cvips_give(failed, result, out);
}

cvips_status cvips_without_alpha(cvips_image *image, cvips_image **out) {
  VipsImage *result = NULL;
  return cvips_give(vips_extract_band(vips_of(image), &result, 0, "n", 3, NULL), result, out);
}
