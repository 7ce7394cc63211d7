// Blocks of rows with AVX2.
#include "tree_internal.h"

#if defined(__x86_64__)
#define IND_LANES 32
#define IND_TARGET __attribute__((target("avx2")))
#define IND_NAME(name) name##_avx2
#include "tree_block_lanes.h"
#endif
