#if defined(__x86_64__)
#include "Kernels.h"

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

AVX2 static int32_t dot_codes(const int8_t *query, const uint8_t *row, size_t width) {
    __m256i first = _mm256_setzero_si256(), second = first;
    for (size_t j = 0; j < width; j += 32) {
        // Not maddubs: its sums of 16 bits saturate.
        first = _mm256_add_epi32(
            first, _mm256_madd_epi16(_mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(row + j))),
                                     _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(query + j)))));
        second = _mm256_add_epi32(
            second, _mm256_madd_epi16(_mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(row + j + 16))),
                                      _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(query + j + 16)))));
    }
    first = _mm256_add_epi32(first, second);
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(first), _mm256_extracti128_si256(first, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4E));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xB1));
    return _mm_cvtsi128_si32(sum);
}

AVX2 void cvectors_scan_avx2(const cvectors_query *query, const uint8_t *high, const float *scales,
                             const uint32_t *slots, size_t count, float *scores) {
    const float unit = cvectors_unit(query);
    for (size_t i = 0; i < count; i++) {
        const size_t slot = slots ? slots[i] : i;
        const int32_t sum = dot_codes(query->codes, high + slot * query->width, query->width);
        scores[i] = (float)(sum - query->bias) * (scales[slot] * unit);
    }
}

AVX2 int64_t cvectors_dot_avx2(const int16_t *query, const uint8_t *high, const int8_t *low, size_t width) {
    __m256i sum = _mm256_setzero_si256();
    for (size_t j = 0; j < width; j += 16) {
        const __m256i coarse = _mm256_sub_epi16(_mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(high + j))),
                                                _mm256_set1_epi16(128));
        const __m256i value = _mm256_add_epi16(_mm256_slli_epi16(coarse, 8),
                                               _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(low + j))));
        // A pair of products is at most 2 * 32512 * 32512, which 32 bits hold; more pairs are not.
        const __m256i pairs = _mm256_madd_epi16(value, _mm256_loadu_si256((const __m256i *)(query + j)));
        sum = _mm256_add_epi64(sum, _mm256_cvtepi32_epi64(_mm256_castsi256_si128(pairs)));
        sum = _mm256_add_epi64(sum, _mm256_cvtepi32_epi64(_mm256_extracti128_si256(pairs, 1)));
    }
    int64_t parts[4];
    _mm256_storeu_si256((__m256i *)parts, sum);
    return parts[0] + parts[1] + parts[2] + parts[3];
}
#else
typedef int cvectors_no_avx2;  // C wants at least one declaration in a file
#endif
