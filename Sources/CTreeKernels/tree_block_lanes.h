// The search for leaves with as many rows side by side as IND_LANES says: included once per width.
//
// A byte per row is all ones when the row reaches a split. Each split hands that on to its children, and rows that go right
// count the leaves that they leave behind.

typedef int8_t IND_NAME(bytes) __attribute__((vector_size(IND_LANES), aligned(16), may_alias));
typedef uint32_t IND_NAME(words) __attribute__((vector_size(IND_LANES)));

IND_TARGET void IND_NAME(ind_block_leaves)(const ind_block_bundle *bundle, const ind_block_split *splits,
                                           const int8_t *columns, size_t row_count,
                                           uint8_t leaves[IND_BUNDLE_TREES][IND_BLOCK_ROWS]) {
    typedef IND_NAME(bytes) bytes;
    typedef IND_NAME(words) words;
    bytes reached[IND_BUNDLE_TREES][IND_BLOCK_SPLITS + 1];
    for (size_t row = 0; row < row_count; row += IND_LANES) {
        bytes leaf[IND_BUNDLE_TREES];
        const ind_block_split *split = splits + bundle->first;
        for (size_t t = 0; t < IND_BUNDLE_TREES; t++) {
            leaf[t] = (bytes){0};
            reached[t][0] = leaf[t] - 1;
        }
        for (size_t s = 0; s < bundle->split_count; s++) {
#pragma clang loop unroll(full)
            for (size_t t = 0; t < IND_BUNDLE_TREES; t++, split++) {
                bytes ranks = *(const bytes *)(columns + (size_t)split->column * IND_BLOCK_ROWS + row);
                bytes above = ranks > (bytes)((words){0} + split->rank);
                bytes here = reached[t][s];
                bytes right = here & above;
                leaf[t] += right & (bytes)((words){0} + split->leaves);
                reached[t][split->right] = right;
                reached[t][split->left] = here & ~above;
            }
        }
        for (size_t t = 0; t < IND_BUNDLE_TREES; t++) *(bytes *)(leaves[t] + row) = leaf[t];
    }
}
