#if defined(__x86_64__)
#include "Kernels.h"

#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

/// The sums of four registers of 32-bit numbers.
AVX512 static inline __m128i sums(__m512i a, __m512i b, __m512i c, __m512i d) {
    const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    const __m512i lanes = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
    const __m256i halves = _mm256_add_epi32(_mm512_castsi512_si256(lanes), _mm512_extracti64x4_epi64(lanes, 1));
    return _mm_add_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1));
}

/// Products of the query with four rows at once, so that their sums are made together.
AVX512 static inline __m128i dot_four(const cvectors_query *query, const uint8_t *const rows[4]) {
    __m512i a = _mm512_setzero_si512(), b = a, c = a, d = a;
    for (size_t j = 0; j < query->width; j += 64) {
        const __m512i codes = _mm512_loadu_si512(query->codes + j);
        a = _mm512_dpbusd_epi32(a, _mm512_loadu_si512(rows[0] + j), codes);
        b = _mm512_dpbusd_epi32(b, _mm512_loadu_si512(rows[1] + j), codes);
        c = _mm512_dpbusd_epi32(c, _mm512_loadu_si512(rows[2] + j), codes);
        d = _mm512_dpbusd_epi32(d, _mm512_loadu_si512(rows[3] + j), codes);
    }
    return sums(a, b, c, d);
}

AVX512 void cvectors_scan_avx512(const cvectors_query *query, const uint8_t *high, const float *scales,
                                 const uint32_t *slots, size_t count, float *scores) {
    const float unit = cvectors_unit(query);
    const __m128i bias = _mm_set1_epi32(query->bias);
    for (size_t i = 0; i < count; i += 4) {
        const uint8_t *rows[4];
        float scale[4];
        for (size_t k = 0; k < 4; k++) {
            const size_t at = i + k < count ? i + k : count - 1;  // the last row fills up the last four
            const size_t slot = slots ? slots[at] : at;
            rows[k] = high + slot * query->width;
            scale[k] = scales[slot];
        }
        const __m128 sum = _mm_cvtepi32_ps(_mm_sub_epi32(dot_four(query, rows), bias));
        const __m128 score = _mm_mul_ps(sum, _mm_mul_ps(_mm_loadu_ps(scale), _mm_set1_ps(unit)));
        const size_t left = count - i;
        _mm_mask_storeu_ps(scores + i, left < 4 ? (__mmask8)((1u << left) - 1) : 15, score);
    }
}

AVX512 int64_t cvectors_dot_avx512(const int16_t *query, const uint8_t *high, const int8_t *low, size_t width) {
    __m512i sum = _mm512_setzero_si512();
    for (size_t j = 0; j < width; j += 32) {
        const __m512i coarse = _mm512_sub_epi16(
            _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)(high + j))), _mm512_set1_epi16(128));
        const __m512i value =
            _mm512_add_epi16(_mm512_slli_epi16(coarse, 8),
                             _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(low + j))));
        // A pair of products is at most 2 * 32512 * 32512, which 32 bits hold; more pairs are not.
        const __m512i pairs = _mm512_madd_epi16(value, _mm512_loadu_si512(query + j));
        sum = _mm512_add_epi64(sum, _mm512_cvtepi32_epi64(_mm512_castsi512_si256(pairs)));
        sum = _mm512_add_epi64(sum, _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64(pairs, 1)));
    }
    return _mm512_reduce_add_epi64(sum);
}

AVX512 size_t cvectors_at_least_avx512(const float *scores, size_t count, float threshold, uint32_t *found) {
    const __m512 least = _mm512_set1_ps(threshold);
    size_t number = 0;
    for (size_t i = 0; i < count; i += 16) {
        const size_t left = count - i;
        const __mmask16 valid = left < 16 ? (__mmask16)((1u << left) - 1) : 0xFFFF;
        uint32_t hits =
            _mm512_mask_cmp_ps_mask(valid, _mm512_maskz_loadu_ps(valid, scores + i), least, _CMP_GE_OQ);
        for (; hits; hits &= hits - 1) found[number++] = (uint32_t)i + (uint32_t)__builtin_ctz(hits);
    }
    return number;
}
#else
typedef int cvectors_no_avx512;  // C wants at least one declaration in a file
#endif
