// Eight SHA-256 messages side by side with AVX2: one 32-bit word of each in a register.
#include "sha256_internal.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline)) AVX2

#define ADD _mm256_add_epi32
#define XOR _mm256_xor_si256
#define AND _mm256_and_si256
#define OR _mm256_or_si256
#define ROTR(x, n) OR(_mm256_srli_epi32(x, n), _mm256_slli_epi32(x, 32 - (n)))
#define BIG_SIGMA0(x) XOR(XOR(ROTR(x, 2), ROTR(x, 13)), ROTR(x, 22))
#define BIG_SIGMA1(x) XOR(XOR(ROTR(x, 6), ROTR(x, 11)), ROTR(x, 25))
#define SMALL_SIGMA0(x) XOR(XOR(ROTR(x, 7), ROTR(x, 18)), _mm256_srli_epi32(x, 3))
#define SMALL_SIGMA1(x) XOR(XOR(ROTR(x, 17), ROTR(x, 19)), _mm256_srli_epi32(x, 10))
#define CHOOSE(e, f, g) XOR(g, AND(e, XOR(f, g)))
#define MAJORITY(a, b, c) OR(AND(a, b), AND(c, OR(a, b)))

// One round; the caller renames the variables instead of moving them.
#define ROUND(a, b, c, d, e, f, g, h, word, constant)                                                                  \
    do {                                                                                                               \
        __m256i t = ADD(ADD(h, ADD(word, _mm256_set1_epi32((int)(constant)))), ADD(BIG_SIGMA1(e), CHOOSE(e, f, g)));    \
        d = ADD(d, t);                                                                                                 \
        h = ADD(t, ADD(BIG_SIGMA0(a), MAJORITY(a, b, c)));                                                             \
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

#define SCHEDULE(i)                                                                                                    \
    w[i] = ADD(ADD(w[i], SMALL_SIGMA0(w[(i + 1) & 15])), ADD(w[(i + 9) & 15], SMALL_SIGMA1(w[(i + 14) & 15])))

#define EIGHT_SCHEDULES(i)                                                                                             \
    SCHEDULE(i), SCHEDULE(i + 1), SCHEDULE(i + 2), SCHEDULE(i + 3);                                                    \
    SCHEDULE(i + 4), SCHEDULE(i + 5), SCHEDULE(i + 6), SCHEDULE(i + 7)

// FIPS 180-4, section 6.2.2, steps 1 to 4, on eight blocks; uses up `w`.
INLINE void compress_words(__m256i state[8], __m256i w[16]) {
    __m256i a = state[0], b = state[1], c = state[2], d = state[3];
    __m256i e = state[4], f = state[5], g = state[6], h = state[7];
    const uint32_t *k = ind_sha256_round_constants;
    EIGHT_ROUNDS(0, k);
    EIGHT_ROUNDS(8, k);
    for (int t = 16; t < 64; t += 16) {
        k += 16;
        EIGHT_SCHEDULES(0);
        EIGHT_ROUNDS(0, k);
        EIGHT_SCHEDULES(8);
        EIGHT_ROUNDS(8, k);
    }
    state[0] = ADD(state[0], a), state[1] = ADD(state[1], b), state[2] = ADD(state[2], c), state[3] = ADD(state[3], d);
    state[4] = ADD(state[4], e), state[5] = ADD(state[5], f), state[6] = ADD(state[6], g), state[7] = ADD(state[7], h);
}

INLINE __m256i swap_words(__m256i x) {
    const __m128i order = _mm_set_epi32(0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203);
    return _mm256_shuffle_epi8(x, _mm256_broadcastsi128_si256(order));
}

// Row i, column j becomes row j, column i, over 32-bit words.
INLINE void transpose(__m256i r[8]) {
    __m256i t[8], u[8];
    for (int i = 0; i < 8; i += 2) {
        t[i] = _mm256_unpacklo_epi32(r[i], r[i + 1]);
        t[i + 1] = _mm256_unpackhi_epi32(r[i], r[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        u[i] = _mm256_unpacklo_epi64(t[i], t[i + 2]);
        u[i + 1] = _mm256_unpackhi_epi64(t[i], t[i + 2]);
        u[i + 2] = _mm256_unpacklo_epi64(t[i + 1], t[i + 3]);
        u[i + 3] = _mm256_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        r[i] = _mm256_permute2x128_si256(u[i], u[i + 4], 0x20);
        r[i + 4] = _mm256_permute2x128_si256(u[i], u[i + 4], 0x31);
    }
}

// The sixteen words of eight blocks, of which the one of lane j is at `block(j)`.
#define LOAD_WORDS(w, block)                                                                                           \
    do {                                                                                                               \
        for (int half = 0; half < 2; half++) {                                                                         \
            for (int j = 0; j < 8; j++) {                                                                              \
                w[8 * half + j] = swap_words(_mm256_loadu_si256((const __m256i *)(block(j) + 32 * half)));              \
            }                                                                                                          \
            transpose(w + 8 * half);                                                                                   \
        }                                                                                                              \
    } while (0)

AVX2 void ind_compress_avx2_x8(uint32_t *state, const uint8_t *const *blocks, size_t count) {
    __m256i s[8];
    for (int i = 0; i < 8; i++) s[i] = _mm256_load_si256((const __m256i *)(state + 8 * i));
    for (size_t offset = 0; count > 0; count--, offset += IND_BLOCK_BYTES) {
        __m256i w[16];
#define BLOCK(j) (blocks[j] + offset)
        LOAD_WORDS(w, BLOCK);
#undef BLOCK
        compress_words(s, w);
    }
    for (int i = 0; i < 8; i++) _mm256_store_si256((__m256i *)(state + 8 * i), s[i]);
}

// As in sha256_avx512.c: the 0x01 shifts every word by a byte, and the second block has one byte that varies.
AVX2 void ind_node_group_avx2(const uint8_t *children, uint8_t *out) {
    __m256i s[8], w[16];
    for (int i = 0; i < 8; i++) s[i] = _mm256_set1_epi32((int)ind_sha256_initial_state[i]);
#define PAIR(j) (children + IND_BLOCK_BYTES * (j))
    LOAD_WORDS(w, PAIR);
#undef PAIR
    __m256i last = ADD(_mm256_slli_epi32(w[15], 24), _mm256_set1_epi32(0x00800000));
    for (int i = 15; i > 0; i--) w[i] = OR(_mm256_slli_epi32(w[i - 1], 24), _mm256_srli_epi32(w[i], 8));
    w[0] = ADD(_mm256_srli_epi32(w[0], 8), _mm256_set1_epi32(0x01000000));
    compress_words(s, w);
    w[0] = last;
    for (int i = 1; i < 15; i++) w[i] = _mm256_setzero_si256();
    w[15] = _mm256_set1_epi32(8 * 65);
    compress_words(s, w);
    transpose(s);
    for (int j = 0; j < 8; j++) _mm256_storeu_si256((__m256i *)(out + IND_SHA256_BYTES * j), swap_words(s[j]));
}
#endif
