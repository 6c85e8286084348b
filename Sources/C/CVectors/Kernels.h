#pragma once
#include "CVectors.h"

void cvectors_scan_avx2(const cvectors_query *query, const uint8_t *high, const float *scales, const uint32_t *slots,
                        size_t count, float *scores);
void cvectors_scan_avx512(const cvectors_query *query, const uint8_t *high, const float *scales, const uint32_t *slots,
                          size_t count, float *scores);
int64_t cvectors_dot_avx2(const int16_t *query, const uint8_t *high, const int8_t *low, size_t width);
int64_t cvectors_dot_avx512(const int16_t *query, const uint8_t *high, const int8_t *low, size_t width);
size_t cvectors_at_least_avx512(const float *scores, size_t count, float threshold, uint32_t *found);

/// What a product of high planes counts for, without the row's scale.
static inline float cvectors_unit(const cvectors_query *query) { return query->scale * 65536.0f; }
