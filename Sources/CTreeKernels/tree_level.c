// Padded level arrays: every tree has the same depth, so a walk has no branches, and eight of them overlap.
#include "tree_internal.h"

#define TOGETHER 8

int32_t ind_level_key(float threshold) {
    float number = threshold + 0.0f; // Negative zero becomes zero.
    int32_t bits;
    __builtin_memcpy(&bits, &number, sizeof bits);
    return bits ^ (int32_t)((uint32_t)(bits >> 31) >> 1);
}

void ind_level_keys(const float *row, size_t count, int32_t *keys) {
    for (size_t feature = 0; feature < count; feature++) {
        int is_missing = row[feature] != row[feature];
        int32_t key = ind_level_key(row[feature]);
        keys[2 * feature] = is_missing ? INT32_MIN : key;
        keys[2 * feature + 1] = is_missing ? INT32_MAX : key;
    }
}

// Where `count` walks end, at most TOGETHER of them; `count` is a constant wherever this is inlined.
static inline __attribute__((always_inline)) void walk(const ind_level_split *splits, size_t count, uint32_t depth,
                                                       const int32_t *keys, uint32_t *positions) {
    for (size_t tree = 0; tree < count; tree++) positions[tree] = 1;
    for (uint32_t level = 0; level < depth; level++) {
        for (size_t tree = 0; tree < count; tree++) {
            const ind_level_split *split = splits + (tree << depth) + positions[tree];
            positions[tree] = 2 * positions[tree] + (keys[split->column] > split->key);
        }
    }
}

#define LEVEL_SUMS(NAME, VALUE)                                                                                        \
    void NAME(const ind_level_split *splits, size_t tree_count, uint32_t depth, const uint16_t *groups,                \
              const VALUE *values, const int32_t *keys, VALUE *sums) {                                                 \
        uint32_t positions[TOGETHER];                                                                                  \
        size_t size = (size_t)1 << depth, first = 0;                                                                   \
        for (; first + TOGETHER <= tree_count; first += TOGETHER) {                                                    \
            walk(splits + first * size, TOGETHER, depth, keys, positions);                                             \
            for (size_t tree = 0; tree < TOGETHER; tree++)                                                             \
                sums[groups[first + tree]] += values[(first + tree) * size + positions[tree] - size];                  \
        }                                                                                                              \
        for (; first < tree_count; first++) {                                                                          \
            walk(splits + first * size, 1, depth, keys, positions);                                                    \
            sums[groups[first]] += values[first * size + positions[0] - size];                                         \
        }                                                                                                              \
    }

LEVEL_SUMS(ind_level_sums_f32, float)
LEVEL_SUMS(ind_level_sums_f64, double)
