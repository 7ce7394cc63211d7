// QuickScorer: a word of leaves per tree, and no look at splits that do not hold.
//
// Lucchese and others, "QuickScorer: a fast algorithm to rank documents with additive ensembles of regression trees", 2015.
#include "tree_internal.h"

#define IND_WORD uint32_t
#define IND_LOWEST(word) __builtin_ctz(word)

#define IND_NAME ind_quick32_f32
#define IND_ROW float
#define IND_VALUE float
#include "tree_quick_row.h"

#define IND_NAME ind_quick32_f32_f64
#define IND_ROW float
#define IND_VALUE double
#include "tree_quick_row.h"

#define IND_NAME ind_quick32_f64
#define IND_ROW double
#define IND_VALUE double
#include "tree_quick_row.h"

#undef IND_WORD
#undef IND_LOWEST
#define IND_WORD uint64_t
#define IND_LOWEST(word) __builtin_ctzll(word)

#define IND_NAME ind_quick64_f32
#define IND_ROW float
#define IND_VALUE float
#include "tree_quick_row.h"

#define IND_NAME ind_quick64_f32_f64
#define IND_ROW float
#define IND_VALUE double
#include "tree_quick_row.h"

#define IND_NAME ind_quick64_f64
#define IND_ROW double
#define IND_VALUE double
#include "tree_quick_row.h"
