// What Imaging needs of libvips and libwebp, with fixed arguments and without their headers: libvips' calls are
// variadic, which Swift cannot see, and its own `strip`, `fail_on` and saver cancellation are broken in 8.14.1.
//
// Every function that can fail returns a cvips_status. An image is reference counted: what a function gives through
// `out` belongs to the caller and ends with cvips_release. An image may be used by one thread at a time.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A picture: pixels in memory, or a description of work that cvips_render and cvips_webp_import carry out.
typedef struct cvips_image cvips_image;

/// A picture in libwebp's planes, ready to be encoded.
typedef struct cvips_webp cvips_webp;

typedef enum {
  cvips_ok = 0,
  /// libvips or libwebp said no; cvips_take_error tells more, for logs only.
  cvips_failed = 1,
  /// The deadline came first.
  cvips_late = 2,
} cvips_status;

/// The loaders that are open; every other one is blocked at start.
typedef enum { cvips_jpeg, cvips_png, cvips_webp_file, cvips_gif, cvips_tiff } cvips_loader;

/// What lies around the letters of a caption.
typedef enum {
  /// Letters of any colour in a dark outline.
  cvips_dark_ground,
  /// Letters of any colour in a bright outline, or on a bright panel.
  cvips_bright_ground,
} cvips_ground;

typedef struct {
  int width;
  int height;
  int bands;
  /// EXIF orientation, 1...8; 1 when the file names none.
  int orientation;
} cvips_shape;

typedef struct {
  /// Bytes of pixels that libvips holds now, and the most it ever held.
  size_t bytes;
  size_t high_water_bytes;
  int allocations;
  int open_files;
} cvips_memory;

/// Starts libvips, once, before any other thread uses it: memory arenas, one thread a picture, no caches, allowlist.
cvips_status cvips_start(void);
/// Ends the work of one job on this thread: forgets its errors and frees its buffers.
void cvips_job_end(void);
/// Gives free memory back to the system.
void cvips_trim(void);
void cvips_memory_now(cvips_memory *out);
/// Copies libvips' error text (cut to `capacity` - 1 bytes) and clears it. Text of another thread may be among it.
void cvips_take_error(char *out, size_t capacity);
/// Calls `visit` with the name of each concrete loader and saver and whether it may run.
void cvips_list_formats(void (*visit)(void *context, const char *name, bool is_open), void *context);

/// Reads the header of an encoded file. `bytes` are not copied and must live until the last pixel is read. Pixels that
/// are missing fail their rendering, unless `is_lenient`: then the loader puts others in their place.
cvips_status cvips_open(const void *bytes, size_t count, cvips_loader loader, bool is_lenient, cvips_image **out);
/// Like cvips_open, for a frame (from 0) of a GIF or WebP, with what earlier frames left around it.
cvips_status cvips_open_frame(const void *bytes, size_t count, cvips_loader loader, int frame, cvips_image **out);

/// Decodes what is there of the first frame of a WebP whose end is missing, into memory; the rest is black, or
/// transparent in a picture with alpha. Fails without a single row, and when a side is longer than allowed.
cvips_status cvips_open_cut_webp(const void *bytes, size_t count, int max_width, int max_height, int64_t deadline,
                                 cvips_image **out);
/// Copies `width` x `height` x `bands` bytes: grey, RGB or RGBA, not premultiplied.
cvips_status cvips_from_pixels(const uint8_t *pixels, int width, int height, int bands, cvips_image **out);
void cvips_release(cvips_image *image);
cvips_shape cvips_shape_of(cvips_image *image);

/// Eight bits, sRGB, three or four bands, whatever it was before.
cvips_status cvips_to_srgb(cvips_image *image, cvips_image **out);
/// Lanczos to exactly this size; colours do not bleed out of transparent pixels.
cvips_status cvips_resize(cvips_image *image, int width, int height, cvips_image **out);
/// Turns and mirrors as an EXIF orientation (1...8) asks.
cvips_status cvips_orient(cvips_image *image, int orientation, cvips_image **out);
/// Laid over a middle grey, on which a black and a white sign both show: three bands.
cvips_status cvips_over_grey(cvips_image *image, cvips_image **out);

/// The brightness of an sRGB image without alpha, one band.
cvips_status cvips_grey(cvips_image *image, cvips_image **out);

/// Black on white, one band: the thin parts that are brighter, or darker, than what lies around them.
cvips_status cvips_strokes(cvips_image *image, bool are_bright, cvips_image **out);

/// Black on white, one band: what is nearly white, or nearly black, of a rendered image with three bands.
cvips_status cvips_extremes(cvips_image *image, bool are_white, cvips_image **out);

/// Dark on white, one band: the more colourful, the darker. Of a rendered image with three bands.
cvips_status cvips_colourfulness(cvips_image *image, cvips_image **out);

/// Black on white, one band: what has the size and colour of a caption's letters, of a rendered image with three bands.
cvips_status cvips_letters(cvips_image *image, cvips_ground ground, cvips_image **out);

/// Leaves the alpha band out.
cvips_status cvips_without_alpha(cvips_image *image, cvips_image **out);

/// Computes all pixels into memory, without any metadata. `deadline` is in nanoseconds of CLOCK_MONOTONIC.
cvips_status cvips_render(cvips_image *image, int64_t deadline, cvips_image **out);
/// Whether a rendered image has no transparent pixel.
bool cvips_is_opaque(cvips_image *image);
/// The pixels of a rendered image, row after row without gaps; valid as long as the image. NULL when not rendered.
const uint8_t *cvips_pixels(cvips_image *image);

/// Encodes a rendered image as a PNG without any metadata; `bytes` ends with cvips_png_free.
cvips_status cvips_png_encode(cvips_image *image, int compression, uint8_t **bytes, size_t *count);
void cvips_png_free(uint8_t *bytes);

/// Computes all pixels of an sRGB image into libwebp's planes.
cvips_status cvips_webp_import(cvips_image *image, int64_t deadline, cvips_webp **out);
/// Encodes; `bytes` ends with cvips_free. quality 0...100, method 0 (fast) ... 6 (small).
cvips_status cvips_webp_encode(cvips_webp *webp, float quality, int method, int64_t deadline, uint8_t **bytes,
                               size_t *count);
void cvips_webp_release(cvips_webp *webp);
void cvips_free(uint8_t *bytes);
