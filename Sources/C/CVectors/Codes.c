#include "CVectors.h"

#include <math.h>
#include <string.h>

int cvectors_normalize(float *vector, size_t count) {
    double sum = 0;
    for (size_t j = 0; j < count; j++) sum += (double)vector[j] * vector[j];
    if (!isfinite(sum) || sum == 0) return 0;
    const double length = sqrt(sum);
    for (size_t j = 0; j < count; j++) vector[j] = (float)(vector[j] / length);
    return 1;
}

float cvectors_encode(const float *vector, size_t count, size_t width, uint8_t *high, int8_t *low) {
    float largest = 0;
    for (size_t j = 0; j < count; j++) {
        const float size = fabsf(vector[j]);
        largest = size > largest ? size : largest;
    }
    // 127 * 256: the largest value has low 0, so that no value needs more than the two bytes.
    const float limit = 32512, factor = limit / largest;
    for (size_t j = 0; j < count; j++) {
        const float scaled = vector[j] * factor;
        int32_t value = (int32_t)(scaled + (scaled < 0 ? -0.5f : 0.5f));
        value = value > 32512 ? 32512 : value < -32512 ? -32512 : value;
        const int32_t coarse = (value + 128) >> 8;
        high[j] = (uint8_t)(coarse + 128);
        low[j] = (int8_t)(value - coarse * 256);
    }
    memset(high + count, 128, width - count);
    memset(low + count, 0, width - count);
    return largest / limit;
}

size_t cvectors_pick(const uint32_t *numbers, size_t count, const uint64_t *dead, const cvectors_bitmap *allowed,
                     uint32_t *slots) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t passes = 1;
        if (allowed) {
            const size_t high = numbers[i] >> 16;
            const size_t page = high < allowed->pages ? allowed->page_of_high[high] : 0;
            passes = allowed->words[page * 1024 + ((numbers[i] & 0xFFFF) >> 6)] >> (numbers[i] & 63) & 1;
        }
        if (dead) passes &= ~(dead[i >> 6] >> (i & 63));
        slots[found] = (uint32_t)i;
        found += passes;
    }
    return found;
}

void cvectors_add(const uint8_t *high, const int8_t *low, float scale, size_t width, float *sum) {
    for (size_t j = 0; j < width; j++) sum[j] += scale * (float)(((int32_t)high[j] - 128) * 256 + low[j]);
}

void cvectors_make_query(const uint8_t *high, const int8_t *low, float scale, size_t width, int8_t *codes,
                         int16_t *fine, cvectors_query *query) {
    int32_t sum = 0;
    for (size_t j = 0; j < width; j++) {
        const int32_t code = (int32_t)high[j] - 128;
        codes[j] = (int8_t)code;
        fine[j] = (int16_t)(code * 256 + low[j]);
        sum += code;
    }
    *query = (cvectors_query){codes, fine, width, sum * 128, scale};
}
