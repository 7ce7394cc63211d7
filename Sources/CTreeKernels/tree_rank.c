// Ranks with the instructions that every machine has: a search tree per feature, all rows one level deeper at a time.
#include "tree_internal.h"

#include <math.h>

static void put(const ind_ranking *ranking, size_t row, uint32_t rank, int is_missing, int8_t *columns) {
    if (ranking->missing_low >= 0) {
        uint32_t low = is_missing ? 0 : rank;
        columns[(size_t)ranking->missing_low * IND_BLOCK_ROWS + row] = (int8_t)(low ^ IND_RANK_BIAS);
    }
    if (ranking->missing_high >= 0) {
        uint32_t high = is_missing ? 255 : rank;
        columns[(size_t)ranking->missing_high * IND_BLOCK_ROWS + row] = (int8_t)(high ^ IND_RANK_BIAS);
    }
}

void ind_rank_f32_portable(const ind_ranking *rankings, size_t count, const float *thresholds, float zero_max,
                           const float *rows, size_t stride, size_t row_count, int8_t *columns) {
    float values[IND_BLOCK_ROWS];
    uint32_t ranks[IND_BLOCK_ROWS];
    for (const ind_ranking *ranking = rankings; ranking < rankings + count; ranking++) {
        for (size_t row = 0; row < row_count; row++) {
            values[row] = rows[row * stride + ranking->feature];
            ranks[row] = 0;
        }
        const float *level = thresholds + ranking->first;
        for (uint32_t depth = 0; depth < ranking->levels; depth++) {
            for (size_t row = 0; row < row_count; row++)
                ranks[row] = 2 * ranks[row] + (values[row] > level[ranks[row]]);
            level += (size_t)1 << depth;
        }
        for (size_t row = 0; row < row_count; row++) {
            int is_missing = isnan(values[row]) || (ranking->zero_is_missing && fabsf(values[row]) <= zero_max);
            put(ranking, row, ranks[row], is_missing, columns);
        }
    }
}

void ind_rank_f64(const ind_ranking *rankings, size_t count, const double *thresholds, double zero_max,
                  const double *rows, size_t stride, size_t row_count, int8_t *columns) {
    double values[IND_BLOCK_ROWS];
    uint32_t ranks[IND_BLOCK_ROWS];
    for (const ind_ranking *ranking = rankings; ranking < rankings + count; ranking++) {
        for (size_t row = 0; row < row_count; row++) {
            values[row] = rows[row * stride + ranking->feature];
            ranks[row] = 0;
        }
        const double *level = thresholds + ranking->first;
        for (uint32_t depth = 0; depth < ranking->levels; depth++) {
            for (size_t row = 0; row < row_count; row++)
                ranks[row] = 2 * ranks[row] + (values[row] > level[ranks[row]]);
            level += (size_t)1 << depth;
        }
        for (size_t row = 0; row < row_count; row++) {
            int is_missing = isnan(values[row]) || (ranking->zero_is_missing && fabs(values[row]) <= zero_max);
            put(ranking, row, ranks[row], is_missing, columns);
        }
    }
}
