// Which tree kernels this machine can run, and what stands behind each of them.
#include "tree_internal.h"

#include <stdatomic.h>

#if defined(__x86_64__)
enum { ASKED = 1, AVX2 = 2, AVX512 = 4 };

// CPUID leaves the virtual machine and takes microseconds there, so it is asked once. Racing first calls find the same.
static unsigned int features(void) {
    static atomic_uint known;
    unsigned int found = atomic_load_explicit(&known, memory_order_relaxed);
    if (found != 0) return found;
    __builtin_cpu_init();
    found = ASKED;
    if (__builtin_cpu_supports("avx2")) found |= AVX2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        found |= AVX512;
    atomic_store_explicit(&known, found, memory_order_relaxed);
    return found;
}
#endif

int ind_tree_kernel_available(ind_tree_kernel kernel) {
    switch (kernel) {
    case IND_TREE_PORTABLE: return 1;
#if defined(__x86_64__)
    case IND_TREE_AVX2: return (features() & AVX2) != 0;
    case IND_TREE_AVX512: return (features() & AVX512) != 0;
#endif
    default: return 0;
    }
}

const char *ind_tree_kernel_name(ind_tree_kernel kernel) {
    switch (kernel) {
    case IND_TREE_PORTABLE: return "portable";
    case IND_TREE_AVX2: return "avx2";
    case IND_TREE_AVX512: return "avx512";
    default: return "unknown";
    }
}

void ind_rank_f32(ind_tree_kernel kernel, const ind_ranking *rankings, size_t count, const float *thresholds,
                  float zero_max, const float *rows, size_t stride, size_t row_count, int8_t *columns) {
    if (!ind_tree_kernel_available(kernel)) __builtin_trap();
    ind_rank_f32_function *rank = ind_rank_f32_portable;
#if defined(__x86_64__)
    if (kernel == IND_TREE_AVX2) rank = ind_rank_f32_avx2;
    if (kernel == IND_TREE_AVX512) rank = ind_rank_f32_avx512;
#endif
    rank(rankings, count, thresholds, zero_max, rows, stride, row_count, columns);
}

static ind_block_leaves_function *leaves_function(ind_tree_kernel kernel) {
    if (!ind_tree_kernel_available(kernel)) __builtin_trap();
#if defined(__x86_64__)
    if (kernel == IND_TREE_AVX2) return ind_block_leaves_avx2;
    if (kernel == IND_TREE_AVX512) return ind_block_leaves_avx512;
#endif
    return ind_block_leaves_portable;
}

#if defined(__x86_64__)
#define ADD_WITH_AVX512(FUNCTION)                                                                                      \
    if (kernel == IND_TREE_AVX512 && FUNCTION(tree, values, leaves[t], sums)) continue;
#else
#define ADD_WITH_AVX512(FUNCTION)
#endif

#define BLOCK_SUMS(NAME, VALUE, AVX512)                                                                                \
    void NAME(ind_tree_kernel kernel, const ind_block_forest *forest, const VALUE *values, const int8_t *columns,      \
              size_t row_count, VALUE *sums) {                                                                         \
        ind_block_leaves_function *find = leaves_function(kernel);                                                     \
        uint8_t leaves[IND_BUNDLE_TREES][IND_BLOCK_ROWS];                                                              \
        for (size_t first = 0; first < forest->tree_count; first += IND_BUNDLE_TREES) {                                \
            find(forest->bundles + first / IND_BUNDLE_TREES, forest->splits, columns, row_count, leaves);              \
            for (size_t t = 0; t < IND_BUNDLE_TREES && first + t < forest->tree_count; t++) {                          \
                const ind_block_tree *tree = forest->trees + first + t;                                                \
                ADD_WITH_AVX512(AVX512)                                                                                \
                for (size_t offset = 0; offset < tree->leaf_width; offset++) {                                         \
                    const VALUE *leaf = values + tree->first_value + offset;                                           \
                    VALUE *sum = sums + (tree->group + offset) * IND_BLOCK_ROWS;                                       \
                    for (size_t row = 0; row < row_count; row++)                                                       \
                        sum[row] += leaf[(size_t)leaves[t][row] * tree->leaf_width];                                   \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }

BLOCK_SUMS(ind_block_sums_f32, float, ind_add_leaves_f32_avx512)
BLOCK_SUMS(ind_block_sums_f64, double, ind_add_leaves_f64_avx512)
