// Blocks of rows with the instructions that every machine has.
#include "tree_internal.h"

#define IND_LANES 16
#define IND_TARGET
#define IND_NAME(name) name##_portable
#include "tree_block_lanes.h"
