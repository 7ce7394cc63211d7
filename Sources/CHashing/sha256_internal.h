// What the SHA-256 kernels share with their scheduler.
#ifndef INDELIBLE_SHA256_INTERNAL_H
#define INDELIBLE_SHA256_INTERNAL_H

#include "CHashing.h"

#define IND_BLOCK_BYTES 64
#define IND_LANES_MAX 16

// FIPS 180-4, sections 4.2.2 and 5.3.3.
extern const uint32_t ind_sha256_round_constants[64];
extern const uint32_t ind_sha256_initial_state[8];

// Advances one message: `state` is its eight words, `blocks` its next `count` 64-byte blocks.
typedef void ind_compress_one(uint32_t state[8], const uint8_t *blocks, size_t count);

// Advances as many messages as the kernel has lanes. Word w of lane j is state[w * lanes + j], `state` is aligned to 64
// bytes, and every lane has `count` blocks at blocks[j].
typedef void ind_compress_lanes(uint32_t *state, const uint8_t *const *blocks, size_t count);

// Hashes exactly as many pairs as the kernel has lanes; reads all of `children` before it writes `out`.
typedef void ind_node_group(const uint8_t *children, uint8_t *out);

typedef struct ind_kernel_table {
    size_t lanes;                // 1 when there is only compress_one.
    size_t lanes_worthwhile;     // With fewer busy lanes, one message after the other is faster.
    ind_compress_one *compress_one;
    ind_compress_lanes *compress_lanes;
    ind_node_group *node_group;
} ind_kernel_table;

// The functions behind `kernel`. Traps when this machine cannot run it.
ind_kernel_table ind_sha256_table(ind_sha256_kernel kernel);

// SHA-256 of prefix || bytes with the given compression function; the prefix is absent when negative.
void ind_sha256_with(ind_compress_one *compress, int prefix, const uint8_t *bytes, size_t count,
                     uint8_t out[IND_SHA256_BYTES]);

ind_compress_one ind_compress_portable;

#if defined(__x86_64__)
ind_compress_one ind_compress_bmi2;
ind_compress_one ind_compress_shani;
ind_compress_lanes ind_compress_shani_x2;
ind_compress_lanes ind_compress_avx2_x8;
ind_compress_lanes ind_compress_avx512_x16;
ind_node_group ind_node_group_shani;
ind_node_group ind_node_group_avx2;
ind_node_group ind_node_group_avx512;
#endif

static inline uint32_t ind_load_be32(const uint8_t *bytes) {
    uint32_t word;
    __builtin_memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    word = __builtin_bswap32(word);
#endif
    return word;
}

static inline void ind_store_be32(uint8_t *bytes, uint32_t word) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    word = __builtin_bswap32(word);
#endif
    __builtin_memcpy(bytes, &word, sizeof word);
}

#endif
