// Ranks with AVX-512: sixteen rows at a time, all thresholds looked up in registers.
#include "tree_internal.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl")))
#define LANES 16
// Values turned from rows into columns at once.
#define TOGETHER 16

TARGET static inline __m512 pick32(const float *level, __m512i rank) {
    return _mm512_permutex2var_ps(_mm512_loadu_ps(level), rank, _mm512_loadu_ps(level + LANES));
}

TARGET static inline __m512 pick64(const float *level, __m512i rank) {
    __mmask16 high = _mm512_test_epi32_mask(rank, _mm512_set1_epi32(32));
    return _mm512_mask_mov_ps(pick32(level, rank), high, pick32(level + 32, rank));
}

TARGET static inline __m512 pick128(const float *level, __m512i rank) {
    __mmask16 high = _mm512_test_epi32_mask(rank, _mm512_set1_epi32(64));
    return _mm512_mask_mov_ps(pick64(level, rank), high, pick64(level + 64, rank));
}

TARGET static inline __m512i search(const float *level, uint32_t levels, __m512 values) {
    const __m512i one = _mm512_set1_epi32(1);
    __m512i rank = _mm512_setzero_si512();
    for (uint32_t depth = 0; depth < levels; depth++) {
        __m512 threshold = depth <= 4   ? _mm512_permutexvar_ps(rank, _mm512_loadu_ps(level))
                           : depth == 5 ? pick32(level, rank)
                           : depth == 6 ? pick64(level, rank)
                                        : pick128(level, rank);
        __mmask16 above = _mm512_cmp_ps_mask(values, threshold, _CMP_GT_OQ);
        rank = _mm512_add_epi32(rank, rank);
        rank = _mm512_mask_add_epi32(rank, above, rank, one);
        level += (size_t)1 << depth;
    }
    return rank;
}

TARGET static inline void put(int8_t *column, __m512i ranks) {
    __m512i biased = _mm512_xor_si512(ranks, _mm512_set1_epi32(IND_RANK_BIAS));
    _mm_storeu_si128((__m128i *)column, _mm512_cvtepi32_epi8(biased));
}

TARGET static void rank_some(const ind_ranking *rankings, size_t count, const float *thresholds, float zero_max,
                             const float *rows, size_t stride, size_t row_count, int8_t *columns) {
    float turned[TOGETHER][LANES] __attribute__((aligned(64)));
    for (size_t lane = 0; lane < LANES; lane++) {
        const float *row = rows + (lane < row_count ? lane : row_count - 1) * stride;
        for (size_t r = 0; r < count; r++) turned[r][lane] = row[rankings[r].feature];
    }
    for (size_t r = 0; r < count; r++) {
        const ind_ranking *ranking = rankings + r;
        __m512 values = _mm512_load_ps(turned[r]);
        __m512i ranks = search(thresholds + ranking->first, ranking->levels, values);
        __m512 zero = _mm512_set1_ps(ranking->zero_is_missing ? zero_max : -1);
        // Not above is also true of a missing value.
        __mmask16 missing = _mm512_cmp_ps_mask(_mm512_abs_ps(values), zero, _CMP_NGT_UQ);
        if (ranking->missing_low >= 0)
            put(columns + (size_t)ranking->missing_low * IND_BLOCK_ROWS,
                _mm512_maskz_mov_epi32((__mmask16)~missing, ranks));
        if (ranking->missing_high >= 0)
            put(columns + (size_t)ranking->missing_high * IND_BLOCK_ROWS,
                _mm512_mask_mov_epi32(ranks, missing, _mm512_set1_epi32(255)));
    }
}

TARGET void ind_rank_f32_avx512(const ind_ranking *rankings, size_t count, const float *thresholds, float zero_max,
                                const float *rows, size_t stride, size_t row_count, int8_t *columns) {
    for (size_t row = 0; row < row_count; row += LANES) {
        for (size_t first = 0; first < count; first += TOGETHER) {
            size_t some = count - first < TOGETHER ? count - first : TOGETHER;
            rank_some(rankings + first, some, thresholds, zero_max, rows + row * stride, stride, row_count - row,
                      columns + row);
        }
    }
}
#endif
