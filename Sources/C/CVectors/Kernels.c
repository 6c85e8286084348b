#include "Kernels.h"

cvectors_level cvectors_best_level(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vnni"))
        return cvectors_avx512;
    if (__builtin_cpu_supports("avx2")) return cvectors_avx2;
#endif
    return cvectors_plain;
}

static void scan_plain(const cvectors_query *query, const uint8_t *high, const float *scales, const uint32_t *slots,
                       size_t count, float *scores) {
    const float unit = cvectors_unit(query);
    for (size_t i = 0; i < count; i++) {
        const size_t slot = slots ? slots[i] : i;
        const uint8_t *row = high + slot * query->width;
        int32_t sum = 0;
        for (size_t j = 0; j < query->width; j++) sum += (int32_t)row[j] * query->codes[j];
        scores[i] = (float)(sum - query->bias) * (scales[slot] * unit);
    }
}

static int64_t dot_plain(const int16_t *query, const uint8_t *high, const int8_t *low, size_t width) {
    int64_t sum = 0;
    for (size_t j = 0; j < width; j++) sum += (int32_t)query[j] * (((int32_t)high[j] - 128) * 256 + low[j]);
    return sum;
}

// Without the two branches only the plain kernels exist: on other processors the compiler makes the best of them.

void cvectors_scan(cvectors_level level, const cvectors_query *query, const uint8_t *high, const float *scales,
                   const uint32_t *slots, size_t count, float *scores) {
#if defined(__x86_64__)
    if (level == cvectors_avx512) return cvectors_scan_avx512(query, high, scales, slots, count, scores);
    if (level == cvectors_avx2) return cvectors_scan_avx2(query, high, scales, slots, count, scores);
#endif
    scan_plain(query, high, scales, slots, count, scores);
}

static int64_t dot(cvectors_level level, const int16_t *query, const uint8_t *high, const int8_t *low, size_t width) {
#if defined(__x86_64__)
    if (level == cvectors_avx512) return cvectors_dot_avx512(query, high, low, width);
    if (level == cvectors_avx2) return cvectors_dot_avx2(query, high, low, width);
#endif
    return dot_plain(query, high, low, width);
}

float cvectors_cosine(cvectors_level level, const cvectors_query *query, const uint8_t *high, const int8_t *low,
                      float scale) {
    const int64_t sum = dot(level, query->fine, high, low, query->width);
    const float cosine = (float)((double)sum * scale * query->scale);
    return cosine > 1 ? 1 : cosine < -1 ? -1 : cosine;
}

void cvectors_assign(cvectors_level level, const uint8_t *high, size_t count, size_t width, const uint8_t *centroids,
                     const float *centroid_scales, size_t centroid_count, uint32_t *nearest) {
    enum { chunk = 256 };
    int8_t codes[CVECTORS_MAX_WIDTH];
    float scores[chunk];
    for (size_t i = 0; i < count; i++) {
        int32_t sum = 0;
        for (size_t j = 0; j < width; j++) {
            codes[j] = (int8_t)(high[i * width + j] - 128);
            sum += codes[j];
        }
        // The row's own scale changes nothing about which centroid is nearest.
        const cvectors_query query = {codes, NULL, width, sum * 128, 1};
        uint32_t best = 0;
        float most = -__builtin_inff();
        for (size_t from = 0; from < centroid_count; from += chunk) {
            const size_t here = centroid_count - from < chunk ? centroid_count - from : chunk;
            cvectors_scan(level, &query, centroids + from * width, centroid_scales + from, NULL, here, scores);
            for (size_t k = 0; k < here; k++) {
                if (scores[k] > most) {
                    most = scores[k];
                    best = (uint32_t)(from + k);
                }
            }
        }
        nearest[i] = best;
    }
}

size_t cvectors_at_least(cvectors_level level, const float *scores, size_t count, float threshold, uint32_t *found) {
#if defined(__x86_64__)
    if (level == cvectors_avx512) return cvectors_at_least_avx512(scores, count, threshold, found);
#endif
    size_t number = 0;
    for (size_t i = 0; i < count; i++) {
        if (scores[i] >= threshold) found[number++] = (uint32_t)i;
    }
    return number;
}
