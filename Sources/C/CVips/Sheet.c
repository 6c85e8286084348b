// Steps that bring out the text of a picture; computed by cvips_render.
#include "Internal.h"

cvips_status cvips_over_grey(cvips_image *image, cvips_image **out) {
  double grey[] = {128, 128, 128};
  VipsArrayDouble *background = vips_array_double_new(grey, 3);
  VipsImage *flat = NULL;
  VipsImage *result = NULL;
  int failed = vips_flatten(vips_of(image), &flat, "background", background, NULL) ||
               vips_cast(flat, &result, VIPS_FORMAT_UCHAR, NULL);
  vips_area_unref(VIPS_AREA(background));
  if (flat)
    g_object_unref(flat);
  return cvips_give(failed, result, out);
}

cvips_status cvips_grey(cvips_image *image, cvips_image **out) {
  VipsImage *result = NULL;
  return cvips_give(vips_colourspace(vips_of(image), &result, VIPS_INTERPRETATION_B_W, NULL), result, out);
}

cvips_status cvips_near_white(cvips_image *image, int level, cvips_image **out) {
  VipsObject *scope = VIPS_OBJECT(vips_image_new());
  VipsImage **step = (VipsImage **)vips_object_local_array(scope, 2);
  VipsImage *result = NULL;
  int failed = vips_moreeq_const1(vips_of(image), &step[0], level, NULL) || vips_bandand(step[0], &step[1], NULL) ||
               vips_invert(step[1], &result, NULL);
  g_object_unref(scope);
  return cvips_give(failed, result, out);
}
