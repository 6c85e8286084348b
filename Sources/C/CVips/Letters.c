// Finds the letters of captions: pieces of one colour, neither tiny nor huge, cut off from the rest by their outline.
#include "Internal.h"
#include <stdlib.h>
#include <string.h>

typedef struct {
  int left, top, right, bottom;
  int64_t area;
  int64_t sum[3];
  bool is_kept;
} piece;

typedef struct {
  int width, height;
  // One for each pixel: 0 is ground, others are pieces.
  int32_t *label;
  // While labelling, the parent of each label (union-find); afterwards the piece's index in `pieces`, or -1.
  int32_t *parent;
  int32_t labels;
  piece *pieces;
  int32_t count;
} labelling;

// Smaller pieces are noise; larger ones are no letters. In pixels, and in shares of the picture.
static const int least_height = 6;
static const int least_area = 13;
static const double most_height = 0.25;
static const double most_width = 0.3;
static const double least_density = 0.08;
// Letters of a caption differ by less in each channel.
static const int same_colour = 60;
// Pieces compared with each other, to bound the time that noise costs.
static const int32_t most_pieces = 3000;

static bool is_inside(const uint8_t *pixel, cvips_ground ground) {
  if (ground == cvips_dark_ground)
    return VIPS_MAX(pixel[0], VIPS_MAX(pixel[1], pixel[2])) > 80;
  return VIPS_MIN(pixel[0], VIPS_MIN(pixel[1], pixel[2])) < 180;
}

static int32_t root_of(int32_t *parent, int32_t label) {
  while (parent[label] != label)
    label = parent[label] = parent[parent[label]];
  return label;
}

static void unite(int32_t *parent, int32_t one, int32_t other) {
  one = root_of(parent, one);
  other = root_of(parent, other);
  if (one < other)
    parent[other] = one;
  else
    parent[one] = other;
}

// Neighbours in a row or a column belong together, those across a corner do not: outlines are thin.
static void label_pixels(labelling *all, const uint8_t *pixels, cvips_ground ground) {
  for (int y = 0; y < all->height; y++)
    for (int x = 0; x < all->width; x++) {
      size_t at = (size_t)y * all->width + x;
      if (!is_inside(pixels + 3 * at, ground))
        continue;
      int32_t before = x > 0 ? all->label[at - 1] : 0;
      int32_t above = y > 0 ? all->label[at - all->width] : 0;
      if (!before && !above) {
        all->label[at] = ++all->labels;
        all->parent[all->labels] = all->labels;
        continue;
      }
      all->label[at] = before ? before : above;
      if (before && above && before != above)
        unite(all->parent, before, above);
    }
}

static bool make_pieces(labelling *all) {
  int32_t *index = calloc((size_t)all->labels + 1, sizeof *index);
  if (!index)
    return false;
  for (int32_t label = 1; label <= all->labels; label++)
    if (root_of(all->parent, label) == label)
      index[label] = all->count++;
  for (int32_t label = 1; label <= all->labels; label++)
    index[label] = index[root_of(all->parent, label)];
  free(all->parent);
  all->parent = index;
  all->pieces = calloc((size_t)all->count + 1, sizeof *all->pieces);
  return all->pieces != NULL;
}

static void measure(labelling *all, const uint8_t *pixels) {
  for (int y = 0; y < all->height; y++)
    for (int x = 0; x < all->width; x++) {
      size_t at = (size_t)y * all->width + x;
      if (!all->label[at])
        continue;
      piece *own = all->pieces + all->parent[all->label[at]];
      if (!own->area) {
        own->left = own->right = x;
        own->top = y;
      }
      own->left = VIPS_MIN(own->left, x);
      own->right = VIPS_MAX(own->right, x);
      own->bottom = y;
      own->area++;
      for (int band = 0; band < 3; band++)
        own->sum[band] += pixels[3 * at + band];
    }
}

static bool may_be_letter(const labelling *all, const piece *one) {
  int across = one->right - one->left + 1;
  int down = one->bottom - one->top + 1;
  bool touches_edge =
      one->left == 0 || one->top == 0 || one->right == all->width - 1 || one->bottom == all->height - 1;
  return !touches_edge && down >= least_height && one->area >= least_area && down <= most_height * all->height &&
         across <= most_width * all->width && one->area >= least_density * across * down;
}

static int32_t choose_letters(labelling *all, piece **chosen) {
  int32_t count = 0;
  for (int32_t index = 0; index < all->count && count < most_pieces; index++)
    if (may_be_letter(all, all->pieces + index))
      chosen[count++] = all->pieces + index;
  return count;
}

static bool have_same_colour(const piece *one, const piece *other) {
  for (int band = 0; band < 3; band++)
    if (llabs(one->sum[band] / one->area - other->sum[band] / other->area) >= same_colour)
      return false;
  return true;
}

// A caption has one colour: the one with most pixels. Whatever else has the size of letters is scenery.
static void keep_main_colour(piece **chosen, int32_t count) {
  int64_t most = -1;
  const piece *main_piece = NULL;
  for (int32_t one = 0; one < count; one++) {
    int64_t area = 0;
    for (int32_t other = 0; other < count; other++)
      if (have_same_colour(chosen[one], chosen[other]))
        area += chosen[other]->area;
    if (area > most) {
      most = area;
      main_piece = chosen[one];
    }
  }
  for (int32_t one = 0; one < count; one++)
    chosen[one]->is_kept = have_same_colour(chosen[one], main_piece);
}

static bool lies_within(const piece *one, const piece *other) {
  return one->left > other->left && one->right < other->right && one->top > other->top && one->bottom < other->bottom;
}

// The ground that shows through an O is no letter.
static void drop_holes(piece **chosen, int32_t count) {
  for (int32_t one = 0; one < count; one++)
    for (int32_t other = 0; other < count && chosen[one]->is_kept; other++)
      if (chosen[other]->is_kept && lies_within(chosen[one], chosen[other]))
        chosen[one]->is_kept = false;
}

static bool find_letters(labelling *all, const uint8_t *pixels, cvips_ground ground) {
  size_t area = (size_t)all->width * all->height;
  all->label = calloc(area, sizeof *all->label);
  all->parent = calloc(area + 1, sizeof *all->parent);
  if (!all->label || !all->parent)
    return false;
  label_pixels(all, pixels, ground);
  if (!make_pieces(all))
    return false;
  measure(all, pixels);
  piece **chosen = calloc(most_pieces, sizeof *chosen);
  if (!chosen)
    return false;
  int32_t count = choose_letters(all, chosen);
  keep_main_colour(chosen, count);
  drop_holes(chosen, count);
  free(chosen);
  return true;
}

static VipsImage *draw(const labelling *all) {
  VipsImage *sheet = vips_image_new_memory();
  vips_image_init_fields(sheet, all->width, all->height, 1, VIPS_FORMAT_UCHAR, VIPS_CODING_NONE,
                         VIPS_INTERPRETATION_B_W, 1, 1);
  if (vips_image_write_prepare(sheet)) {
    g_object_unref(sheet);
    return NULL;
  }
  size_t area = (size_t)all->width * all->height;
  for (size_t at = 0; at < area; at++)
    sheet->data[at] = all->label[at] && all->pieces[all->parent[all->label[at]]].is_kept ? 0 : 255;
  return sheet;
}

cvips_status cvips_letters(cvips_image *image, cvips_ground ground, cvips_image **out) {
  VipsImage *in = vips_of(image);
  VipsImage *sheet = NULL;
  if (in->Bands == 3 && in->data) {
    labelling all = {.width = in->Xsize, .height = in->Ysize};
    if (find_letters(&all, in->data, ground))
      sheet = draw(&all);
    free(all.label);
    free(all.parent);
    free(all.pieces);
  }
  return cvips_give(!sheet, sheet, out);
}
