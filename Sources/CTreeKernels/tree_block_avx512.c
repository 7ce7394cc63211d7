// Blocks of rows with AVX-512: a bit per row says whether the row reaches a split.
#include "tree_internal.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl")))

TARGET void ind_block_leaves_avx512(const ind_block_bundle *bundle, const ind_block_split *splits,
                                    const int8_t *columns, size_t row_count,
                                    uint8_t leaves[IND_BUNDLE_TREES][IND_BLOCK_ROWS]) {
    (void)row_count; // All rows cost the same.
    uint64_t reached[IND_BUNDLE_TREES][IND_BLOCK_SPLITS + 1];
    __m512i leaf[IND_BUNDLE_TREES];
    const ind_block_split *split = splits + bundle->first;
    for (size_t t = 0; t < IND_BUNDLE_TREES; t++) {
        leaf[t] = _mm512_setzero_si512();
        reached[t][0] = UINT64_MAX;
    }
    for (size_t s = 0; s < bundle->split_count; s++) {
#pragma clang loop unroll(full)
        for (size_t t = 0; t < IND_BUNDLE_TREES; t++, split++) {
            __m512i ranks = _mm512_loadu_si512(columns + (size_t)split->column * IND_BLOCK_ROWS);
            __mmask64 above = _mm512_cmpgt_epi8_mask(ranks, _mm512_set1_epi32((int)split->rank));
            uint64_t here = reached[t][s];
            uint64_t right = here & above;
            leaf[t] = _mm512_mask_add_epi8(leaf[t], right, leaf[t], _mm512_set1_epi32((int)split->leaves));
            reached[t][split->right] = right;
            reached[t][split->left] = here & ~right;
        }
    }
    for (size_t t = 0; t < IND_BUNDLE_TREES; t++) _mm512_storeu_si512(leaves[t], leaf[t]);
}

// Up to 64 values lie in registers: looking them up there is several times as fast as gathering them from memory. Room
// behind the values may be read.

TARGET static inline __m512 pick_f32(__m512i leaf, const float *values, int is_wide) {
    __m512 low = _mm512_permutex2var_ps(_mm512_loadu_ps(values), leaf, _mm512_loadu_ps(values + 16));
    if (!is_wide) return low;
    __m512 high = _mm512_permutex2var_ps(_mm512_loadu_ps(values + 32), leaf, _mm512_loadu_ps(values + 48));
    return _mm512_mask_mov_ps(low, _mm512_test_epi32_mask(leaf, _mm512_set1_epi32(32)), high);
}

TARGET static inline __m512d pick16_f64(__m512i leaf, const double *values) {
    return _mm512_permutex2var_pd(_mm512_loadu_pd(values), leaf, _mm512_loadu_pd(values + 8));
}

TARGET static inline __m512d pick32_f64(__m512i leaf, const double *values) {
    __mmask8 high = _mm512_test_epi64_mask(leaf, _mm512_set1_epi64(16));
    return _mm512_mask_mov_pd(pick16_f64(leaf, values), high, pick16_f64(leaf, values + 16));
}

TARGET static inline __m512d pick64_f64(__m512i leaf, const double *values) {
    __mmask8 high = _mm512_test_epi64_mask(leaf, _mm512_set1_epi64(32));
    return _mm512_mask_mov_pd(pick32_f64(leaf, values), high, pick32_f64(leaf, values + 32));
}

TARGET static inline void add_f32(const float *values, const uint8_t *leaves, int is_wide, float *sums) {
    for (size_t row = 0; row < IND_BLOCK_ROWS; row += 16) {
        __m512i leaf = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(leaves + row)));
        __m512 sum = _mm512_add_ps(_mm512_loadu_ps(sums + row), pick_f32(leaf, values, is_wide));
        _mm512_storeu_ps(sums + row, sum);
    }
}

TARGET static inline void add_f64(const double *values, const uint8_t *leaves, size_t bound, double *sums) {
    for (size_t row = 0; row < IND_BLOCK_ROWS; row += 8) {
        __m512i leaf = _mm512_cvtepu8_epi64(_mm_loadl_epi64((const __m128i *)(leaves + row)));
        __m512d value = bound == 16   ? pick16_f64(leaf, values)
                        : bound == 32 ? pick32_f64(leaf, values)
                                      : pick64_f64(leaf, values);
        _mm512_storeu_pd(sums + row, _mm512_add_pd(_mm512_loadu_pd(sums + row), value));
    }
}

TARGET int ind_add_leaves_f32_avx512(const ind_block_tree *tree, const float *values, const uint8_t *leaves,
                                     float *sums) {
    if (tree->leaf_width != 1 || tree->leaf_count > 64) return 0;
    values += tree->first_value;
    sums += (size_t)tree->group * IND_BLOCK_ROWS;
    if (tree->leaf_count > 32)
        add_f32(values, leaves, 1, sums);
    else
        add_f32(values, leaves, 0, sums);
    return 1;
}

TARGET int ind_add_leaves_f64_avx512(const ind_block_tree *tree, const double *values, const uint8_t *leaves,
                                     double *sums) {
    if (tree->leaf_width != 1 || tree->leaf_count > 64) return 0;
    values += tree->first_value;
    sums += (size_t)tree->group * IND_BLOCK_ROWS;
    if (tree->leaf_count > 32)
        add_f64(values, leaves, 64, sums);
    else if (tree->leaf_count > 16)
        add_f64(values, leaves, 32, sums);
    else
        add_f64(values, leaves, 16, sums);
    return 1;
}
#endif
