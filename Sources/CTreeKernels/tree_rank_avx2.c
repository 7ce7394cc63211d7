// Ranks with AVX2: eight rows at a time; levels of up to eight thresholds are looked up in a register.
#include "tree_internal.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx2")))
#define LANES 8

TARGET static inline __m256i search(const float *level, uint32_t levels, __m256 values) {
    __m256i rank = _mm256_setzero_si256();
    for (uint32_t depth = 0; depth < levels; depth++) {
        __m256 threshold = depth <= 3 ? _mm256_permutevar8x32_ps(_mm256_loadu_ps(level), rank)
                                      : _mm256_i32gather_ps(level, rank, 4);
        __m256i above = _mm256_castps_si256(_mm256_cmp_ps(values, threshold, _CMP_GT_OQ));
        rank = _mm256_sub_epi32(_mm256_add_epi32(rank, rank), above);
        level += (size_t)1 << depth;
    }
    return rank;
}

TARGET static inline void put(int8_t *column, __m256i ranks) {
    __m256i biased = _mm256_xor_si256(ranks, _mm256_set1_epi32(IND_RANK_BIAS));
    __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(biased), _mm256_extracti128_si256(biased, 1));
    _mm_storel_epi64((__m128i *)column, _mm_packus_epi16(words, words));
}

TARGET void ind_rank_f32_avx2(const ind_ranking *rankings, size_t count, const float *thresholds, float zero_max,
                              const float *rows, size_t stride, size_t row_count, int8_t *columns) {
    float gathered[LANES];
    for (const ind_ranking *ranking = rankings; ranking < rankings + count; ranking++) {
        __m256 zero = _mm256_set1_ps(ranking->zero_is_missing ? zero_max : -1);
        for (size_t row = 0; row < row_count; row += LANES) {
            for (size_t lane = 0; lane < LANES; lane++) {
                size_t from = row + lane < row_count ? row + lane : row_count - 1;
                gathered[lane] = rows[from * stride + ranking->feature];
            }
            __m256 values = _mm256_loadu_ps(gathered);
            __m256i ranks = search(thresholds + ranking->first, ranking->levels, values);
            __m256 magnitude = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), values);
            // Not above is also true of a missing value.
            __m256i missing = _mm256_castps_si256(_mm256_cmp_ps(magnitude, zero, _CMP_NGT_UQ));
            if (ranking->missing_low >= 0)
                put(columns + (size_t)ranking->missing_low * IND_BLOCK_ROWS + row, _mm256_andnot_si256(missing, ranks));
            if (ranking->missing_high >= 0) {
                __m256i high = _mm256_blendv_epi8(ranks, _mm256_set1_epi32(255), missing);
                put(columns + (size_t)ranking->missing_high * IND_BLOCK_ROWS + row, high);
            }
        }
    }
}
#endif
