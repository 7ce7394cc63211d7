// QuickScorer for one row: included once per type of word (IND_WORD), of values in a row (IND_ROW) and of leaves (IND_VALUE).

void IND_NAME(const ind_quick_forest *forest, const IND_ROW *thresholds, const IND_VALUE *values,
              const uint32_t *holding, size_t holding_count, const IND_ROW *row, IND_WORD *restrict words,
              IND_VALUE *sums) {
    const uint16_t *const trees = forest->masks.trees;
    const IND_WORD *const masks = forest->masks.words;
    const IND_WORD *const missing = forest->missing.words;
    const IND_WORD *const irregular = forest->irregular.words;
    const size_t feature_count = forest->feature_count, tree_count = forest->tree_count;
    for (size_t tree = 0; tree < tree_count; tree++) words[tree] = (IND_WORD)-1;
    for (size_t feature = 0; feature < feature_count; feature++) {
        IND_ROW value = row[feature];
        if (value != value) {
            uint32_t end = forest->missing_starts[feature + 1];
            for (uint32_t p = forest->missing_starts[feature]; p < end; p++)
                words[forest->missing.trees[p]] &= missing[p];
            continue;
        }
        uint32_t end = forest->starts[feature + 1];
        for (uint32_t p = forest->starts[feature]; p < end && value > thresholds[p]; p++) words[trees[p]] &= masks[p];
    }
    for (size_t p = 0; p < holding_count; p++) words[forest->irregular.trees[holding[p]]] &= irregular[holding[p]];
    for (size_t t = 0; t < tree_count; t++) {
        const ind_quick_tree *tree = forest->trees + t;
        const IND_VALUE *leaf = values + tree->first_value + (size_t)IND_LOWEST(words[t]) * tree->leaf_width;
        for (size_t offset = 0; offset < tree->leaf_width; offset++) sums[tree->group + offset] += leaf[offset];
    }
}

#undef IND_NAME
#undef IND_ROW
#undef IND_VALUE
