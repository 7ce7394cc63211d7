// Boosted trees over many rows at once.
//
// Every function is a pure function of its arguments, safe to call from any thread, and never fails. Sums are taken in tree
// order, without fused operations, so every kernel gives the same bits. Callers have checked every index before: nothing is
// checked here.
#ifndef INDELIBLE_CTREEKERNELS_H
#define INDELIBLE_CTREEKERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Instruction sets that the block functions know. The numbers are stable.
typedef enum ind_tree_kernel {
    IND_TREE_PORTABLE = 0, // Plain C, 16 rows side by side, every machine.
    IND_TREE_AVX2 = 1,     // x86-64, 32 rows.
    IND_TREE_AVX512 = 2,   // x86-64 with byte masks (AVX512BW), 64 rows.
} ind_tree_kernel;

#define IND_TREE_KERNELS 3

// Whether this machine can run `kernel`; 0 for numbers that are not in the enum.
int ind_tree_kernel_available(ind_tree_kernel kernel);

// "portable", "avx2", "avx512"; "unknown" for numbers that are not in the enum.
const char *ind_tree_kernel_name(ind_tree_kernel kernel);

// Rows of a block. All kernels keep blocks in the same form, whatever they advance at once.
#define IND_BLOCK_ROWS 64

// Splits of one tree that a block can serve; a tree has one leaf more.
#define IND_BLOCK_SPLITS 255

// MARK: Ranks. A value is compared with a feature's thresholds once; from then on a byte says all about it.

// How the values of one feature become ranks.
//
// The thresholds, at most 255 of them and padded with infinity to one less than a power of two, lie as a search tree, level
// by level. A rank is the number of thresholds below the value, with its highest bit flipped so that signed comparison
// orders ranks.
typedef struct ind_ranking {
    uint32_t feature;
    uint32_t first;       // Where its thresholds start.
    uint32_t levels;      // Of the search tree: 2^levels - 1 thresholds.
    int32_t missing_low;  // The column in which a missing value is below every threshold; negative for none.
    int32_t missing_high; // The column in which it is above every threshold; negative for none.
    uint32_t zero_is_missing;
} ind_ranking;

// Spare elements that must be readable after the last threshold, and after the last value of a leaf.
#define IND_KERNEL_SLACK 64

// Fills the columns, IND_BLOCK_ROWS bytes each, from `row_count` rows of `stride` values; `row_count` is at most
// IND_BLOCK_ROWS. Bytes of rows beyond it are undefined. Values up to `zero_max` count as zero.
void ind_rank_f32(ind_tree_kernel kernel, const ind_ranking *rankings, size_t count, const float *thresholds,
                  float zero_max, const float *rows, size_t stride, size_t row_count, int8_t *columns);
void ind_rank_f64(const ind_ranking *rankings, size_t count, const double *thresholds, double zero_max,
                  const double *rows, size_t stride, size_t row_count, int8_t *columns);

// MARK: Blocks. Every split of a tree is tested for all rows of a block; each row then knows its leaf.

// Trees that are searched side by side, so that one does not wait for another: a bundle.
#define IND_BUNDLE_TREES 4

// A split. Parents stand before their children.
typedef struct ind_block_split {
    uint32_t rank;   // Rows with a greater rank in the column go right. A byte, four times; 0x7f for no row.
    uint32_t leaves; // Leaves of the left child. A byte, four times.
    uint32_t column;
    uint16_t left;   // Position of the left child within the tree; the bundle's split count for a leaf.
    uint16_t right;
} ind_block_split;

// The first splits of all trees, the second ones, and so on; trees with fewer have some that no row is sent right by.
typedef struct ind_block_bundle {
    uint32_t first;       // Its first split.
    uint32_t split_count; // Of each tree; at most IND_BLOCK_SPLITS.
} ind_block_bundle;

// Where the values of a tree's leaves go.
typedef struct ind_block_tree {
    uint32_t first_value; // Of its leftmost leaf.
    uint16_t group;       // The first output group that it adds to.
    uint16_t leaf_width;  // Values of a leaf, one per group from there on.
    uint32_t leaf_count;
} ind_block_tree;

typedef struct ind_block_forest {
    const ind_block_bundle *bundles; // One for every IND_BUNDLE_TREES trees; the last may have fewer.
    const ind_block_split *splits;
    const ind_block_tree *trees;
    size_t tree_count;
} ind_block_forest;

// Adds the leaves' values to `sums`, which has IND_BLOCK_ROWS numbers for each group.
void ind_block_sums_f32(ind_tree_kernel kernel, const ind_block_forest *forest, const float *values,
                        const int8_t *columns, size_t row_count, float *sums);
void ind_block_sums_f64(ind_tree_kernel kernel, const ind_block_forest *forest, const double *values,
                        const int8_t *columns, size_t row_count, double *sums);

// MARK: QuickScorer. One row, trees of up to 32 or 64 leaves.

// What splits leave of the leaves of their trees when their tests hold. The words are uint32_t or uint64_t.
typedef struct ind_quick_masks {
    const uint16_t *trees;
    const void *words;
} ind_quick_masks;

typedef struct ind_quick_tree {
    uint32_t first_value;
    uint16_t group;
    uint16_t leaf_width;
} ind_quick_tree;

typedef struct ind_quick_forest {
    size_t feature_count;
    const uint32_t *starts;         // Of each feature's thresholds, and one end more.
    ind_quick_masks masks;          // One per threshold; thresholds rise within a feature.
    const uint32_t *missing_starts; // As `starts`, for what a missing value does.
    ind_quick_masks missing;
    ind_quick_masks irregular;      // Of splits whose test is no comparison.
    const ind_quick_tree *trees;
    size_t tree_count;
} ind_quick_forest;

// Adds to `sums`, one number per group. `holding` are the irregular splits that hold for this row. `words` is room for a
// word per tree. The 64-bit forms serve trees of more than 32 leaves.
void ind_quick32_f32(const ind_quick_forest *forest, const float *thresholds, const float *values,
                     const uint32_t *holding, size_t holding_count, const float *row, uint32_t *words, float *sums);
void ind_quick32_f32_f64(const ind_quick_forest *forest, const float *thresholds, const double *values,
                         const uint32_t *holding, size_t holding_count, const float *row, uint32_t *words,
                         double *sums);
void ind_quick32_f64(const ind_quick_forest *forest, const double *thresholds, const double *values,
                     const uint32_t *holding, size_t holding_count, const double *row, uint32_t *words, double *sums);
void ind_quick64_f32(const ind_quick_forest *forest, const float *thresholds, const float *values,
                     const uint32_t *holding, size_t holding_count, const float *row, uint64_t *words, float *sums);
void ind_quick64_f32_f64(const ind_quick_forest *forest, const float *thresholds, const double *values,
                         const uint32_t *holding, size_t holding_count, const float *row, uint64_t *words,
                         double *sums);
void ind_quick64_f64(const ind_quick_forest *forest, const double *thresholds, const double *values,
                     const uint32_t *holding, size_t holding_count, const double *row, uint64_t *words, double *sums);

// MARK: Padded levels. One row, shallow trees that are all filled up to one depth.

// The split at position p of a tree, from 1, has its children at 2p and 2p + 1.
typedef struct ind_level_split {
    int32_t key;     // Rows with a greater key go right.
    uint32_t column; // Of the row's keys: twice the feature, plus one where a missing value goes right.
} ind_level_split;

// Two keys for each value: integers in the order of the numbers, with a missing value below and above all of them.
void ind_level_keys(const float *row, size_t count, int32_t *keys);

// The key of a threshold.
int32_t ind_level_key(float threshold);

// Adds to `sums`, one number per group. Each tree has 2^depth splits, of which the first is not used, and 2^depth values.
void ind_level_sums_f32(const ind_level_split *splits, size_t tree_count, uint32_t depth, const uint16_t *groups,
                        const float *values, const int32_t *keys, float *sums);
void ind_level_sums_f64(const ind_level_split *splits, size_t tree_count, uint32_t depth, const uint16_t *groups,
                        const double *values, const int32_t *keys, double *sums);

#ifdef __cplusplus
}
#endif

#endif
