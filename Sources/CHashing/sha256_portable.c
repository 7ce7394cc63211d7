// SHA-256 in plain C (FIPS 180-4, section 6.2), and the padding of one message.
#include "sha256_internal.h"

#include <string.h>

const uint32_t ind_sha256_initial_state[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

_Alignas(64) const uint32_t ind_sha256_round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

#define ROTR(x, n) __builtin_rotateright32((x), (n))
#define BIG_SIGMA0(x) (ROTR(x, 2) ^ ROTR(x, 13) ^ ROTR(x, 22))
#define BIG_SIGMA1(x) (ROTR(x, 6) ^ ROTR(x, 11) ^ ROTR(x, 25))
#define SMALL_SIGMA0(x) (ROTR(x, 7) ^ ROTR(x, 18) ^ ((x) >> 3))
#define SMALL_SIGMA1(x) (ROTR(x, 17) ^ ROTR(x, 19) ^ ((x) >> 10))
#define CHOOSE(e, f, g) ((g) ^ ((e) & ((f) ^ (g))))
#define MAJORITY(a, b, c) (((a) & (b)) | ((c) & ((a) | (b))))

// One round; the caller renames the variables instead of moving them.
#define ROUND(a, b, c, d, e, f, g, h, word, constant)                                                                  \
    do {                                                                                                               \
        uint32_t t = (h) + BIG_SIGMA1(e) + CHOOSE(e, f, g) + (constant) + (word);                                      \
        (d) += t;                                                                                                      \
        (h) = t + BIG_SIGMA0(a) + MAJORITY(a, b, c);                                                                   \
    } while (0)

#define EIGHT_ROUNDS(i, k)                                                                                             \
    ROUND(a, b, c, d, e, f, g, h, w[i], (k)[i]);                                                                       \
    ROUND(h, a, b, c, d, e, f, g, w[i + 1], (k)[i + 1]);                                                               \
    ROUND(g, h, a, b, c, d, e, f, w[i + 2], (k)[i + 2]);                                                               \
    ROUND(f, g, h, a, b, c, d, e, w[i + 3], (k)[i + 3]);                                                               \
    ROUND(e, f, g, h, a, b, c, d, w[i + 4], (k)[i + 4]);                                                               \
    ROUND(d, e, f, g, h, a, b, c, w[i + 5], (k)[i + 5]);                                                               \
    ROUND(c, d, e, f, g, h, a, b, w[i + 6], (k)[i + 6]);                                                               \
    ROUND(b, c, d, e, f, g, h, a, w[i + 7], (k)[i + 7])

static inline __attribute__((always_inline)) void compress(uint32_t state[8], const uint8_t *blocks, size_t count) {
    for (; count > 0; count--, blocks += IND_BLOCK_BYTES) {
        uint32_t w[16];
        for (int i = 0; i < 16; i++) w[i] = ind_load_be32(blocks + 4 * i);
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
        uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
        const uint32_t *k = ind_sha256_round_constants;
        EIGHT_ROUNDS(0, k);
        EIGHT_ROUNDS(8, k);
        for (int t = 16; t < 64; t += 16) {
            k += 16;
#pragma clang loop unroll(full)
            for (int i = 0; i < 16; i++) {
                w[i] += SMALL_SIGMA0(w[(i + 1) & 15]) + w[(i + 9) & 15] + SMALL_SIGMA1(w[(i + 14) & 15]);
            }
            EIGHT_ROUNDS(0, k);
            EIGHT_ROUNDS(8, k);
        }
        state[0] += a, state[1] += b, state[2] += c, state[3] += d;
        state[4] += e, state[5] += f, state[6] += g, state[7] += h;
    }
}

void ind_compress_portable(uint32_t state[8], const uint8_t *blocks, size_t count) { compress(state, blocks, count); }

#if defined(__x86_64__)
// The same C with three-operand rotates and and-not.
__attribute__((target("bmi,bmi2"))) void ind_compress_bmi2(uint32_t state[8], const uint8_t *blocks, size_t count) {
    compress(state, blocks, count);
}
#endif

void ind_sha256_with(ind_compress_one *compress, int prefix, const uint8_t *bytes, size_t count,
                     uint8_t out[IND_SHA256_BYTES]) {
    uint32_t state[8];
    memcpy(state, ind_sha256_initial_state, sizeof state);
    uint64_t total = (uint64_t)count + (prefix >= 0);
    uint8_t block[2 * IND_BLOCK_BYTES];
    size_t held = 0;
    if (prefix >= 0) {
        block[held++] = (uint8_t)prefix;
        if (count >= IND_BLOCK_BYTES - 1) {
            memcpy(block + 1, bytes, IND_BLOCK_BYTES - 1);
            compress(state, block, 1);
            bytes += IND_BLOCK_BYTES - 1, count -= IND_BLOCK_BYTES - 1, held = 0;
        }
    }
    if (held == 0) {
        size_t whole = count / IND_BLOCK_BYTES;
        compress(state, bytes, whole);
        bytes += whole * IND_BLOCK_BYTES, count -= whole * IND_BLOCK_BYTES;
    }
    if (count > 0) memcpy(block + held, bytes, count);
    held += count;
    size_t padded = held < IND_BLOCK_BYTES - 8 ? IND_BLOCK_BYTES : 2 * IND_BLOCK_BYTES;
    block[held] = 0x80;
    memset(block + held + 1, 0, padded - 8 - held - 1);
    ind_store_be32(block + padded - 8, (uint32_t)(total >> 29));
    ind_store_be32(block + padded - 4, (uint32_t)(total << 3));
    compress(state, block, padded / IND_BLOCK_BYTES);
    for (int i = 0; i < 8; i++) ind_store_be32(out + 4 * i, state[i]);
}
