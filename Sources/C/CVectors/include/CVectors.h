#pragma once
#include <stddef.h>
#include <stdint.h>

// A vector is kept as numbers of 16 bits, value = scale * (256 * (high - 128) + low), in two planes: rows of `high`
// are scanned, rows of `low` are read only for the few that come near. `width` is the padded count of dimensions, a
// multiple of 64. All results are sums of integers, so every level gives the same bits.

/// The instructions that a kernel uses.
typedef enum { cvectors_plain = 0, cvectors_avx2 = 1, cvectors_avx512 = 2 } cvectors_level;

/// The fastest level that this processor runs.
cvectors_level cvectors_best_level(void);

/// Scales `vector` to length 1. 0 when it has none: a zero, an infinity or a NaN.
int cvectors_normalize(float *vector, size_t count);

/// Writes the two planes of `vector`, padded to `width`, and returns its scale. `vector` has a finite value that is
/// not 0.
float cvectors_encode(const float *vector, size_t count, size_t width, uint8_t *high, int8_t *low);

/// What is searched for.
typedef struct {
    /// The high plane, signed.
    const int8_t *codes;
    /// Both planes in one.
    const int16_t *fine;
    size_t width;
    /// The sum of `codes`, times 128: what the offset of the rows' high plane adds to every product.
    int32_t bias;
    float scale;
} cvectors_query;

/// scores[i] is about the cosine of the query and row slots[i], or row i when `slots` is null.
void cvectors_scan(cvectors_level level, const cvectors_query *query, const uint8_t *high, const float *scales,
                   const uint32_t *slots, size_t count, float *scores);

/// The cosine of the query and one row, from both planes.
float cvectors_cosine(cvectors_level level, const cvectors_query *query, const uint8_t *high, const int8_t *low,
                      float scale);

/// nearest[i] is the centroid that row i has the largest product with, the first of equals.
void cvectors_assign(cvectors_level level, const uint8_t *high, size_t count, size_t width, const uint8_t *centroids,
                     const float *centroid_scales, size_t centroid_count, uint32_t *nearest);

/// Writes the indexes of the scores that are at least `threshold`, in order, and returns how many there are.
size_t cvectors_at_least(cvectors_level level, const float *scores, size_t count, float threshold, uint32_t *found);

/// A bitmap over 32-bit numbers; see NumberSet.Packed.
typedef struct {
    const uint32_t *page_of_high;
    size_t pages;
    const uint64_t *words;
} cvectors_bitmap;

/// Writes the slots of the rows that are not in `dead` (a bit for each slot, or null) and whose number is in
/// `allowed` (or null), in order, and returns how many there are. `slots` has room for `count`.
size_t cvectors_pick(const uint32_t *numbers, size_t count, const uint64_t *dead, const cvectors_bitmap *allowed,
                     uint32_t *slots);

/// The largest `width`.
#define CVECTORS_MAX_WIDTH 4096

/// Writes both forms of a query, `codes` and `fine`, from its planes and fills the rest of `query`.
void cvectors_make_query(const uint8_t *high, const int8_t *low, float scale, size_t width, int8_t *codes,
                         int16_t *fine, cvectors_query *query);

/// Adds a row, decoded from both planes, to `sum`.
void cvectors_add(const uint8_t *high, const int8_t *low, float scale, size_t width, float *sum);
