// What the files of this target share; Swift does not see it.
#pragma once
#include "CVips.h"
#include <vips/vips.h>

static inline VipsImage *vips_of(cvips_image *image) { return (VipsImage *)image; }

/// Whether `deadline` (nanoseconds of CLOCK_MONOTONIC) has come.
bool cvips_is_late(int64_t deadline);

/// Gives every row of `image` to `take`, in strips from top to bottom. A strip has an even number of rows, except the
/// last one. `take` returns 0 to go on.
typedef int (*cvips_take_strip)(void *context, VipsRegion *region, VipsRect *strip);
cvips_status cvips_each_strip(VipsImage *image, int64_t deadline, cvips_take_strip take, void *context);

/// Hands an image over to the caller, or reports why there is none.
static inline cvips_status cvips_give(int failed, VipsImage *image, cvips_image **out) {
  *out = failed ? NULL : (cvips_image *)image;
  return failed ? cvips_failed : cvips_ok;
}
