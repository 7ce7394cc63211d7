// What the tree kernels share.
#ifndef INDELIBLE_TREE_INTERNAL_H
#define INDELIBLE_TREE_INTERNAL_H

#include "CTreeKernels.h"

// The byte of a rank: signed comparison then orders ranks from 0 to 255.
#define IND_RANK_BIAS 0x80

typedef void ind_rank_f32_function(const ind_ranking *rankings, size_t count, const float *thresholds, float zero_max,
                                   const float *rows, size_t stride, size_t row_count, int8_t *columns);

// Writes the leaves, counted from the left, that each row of a block reaches in the trees of a bundle.
typedef void ind_block_leaves_function(const ind_block_bundle *bundle, const ind_block_split *splits,
                                       const int8_t *columns, size_t row_count,
                                       uint8_t leaves[IND_BUNDLE_TREES][IND_BLOCK_ROWS]);

ind_rank_f32_function ind_rank_f32_portable;
ind_block_leaves_function ind_block_leaves_portable;

#if defined(__x86_64__)
ind_rank_f32_function ind_rank_f32_avx2;
ind_rank_f32_function ind_rank_f32_avx512;
ind_block_leaves_function ind_block_leaves_avx2;

ind_block_leaves_function ind_block_leaves_avx512;

// Add what one tree says about all rows of a block; 0 when its leaves do not fit registers.
int ind_add_leaves_f32_avx512(const ind_block_tree *tree, const float *values, const uint8_t *leaves, float *sums);
int ind_add_leaves_f64_avx512(const ind_block_tree *tree, const double *values, const uint8_t *leaves, double *sums);
#endif

#endif
