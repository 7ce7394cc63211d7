// Sixteen SHA-256 messages side by side with AVX-512 (F and BW): one 32-bit word of each in a register.
#include "sha256_internal.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw")))
#define INLINE static inline __attribute__((always_inline)) AVX512

// Truth tables of three-input logic (Intel SDM, VPTERNLOG).
#define XOR3(a, b, c) _mm512_ternarylogic_epi32(a, b, c, 0x96)
#define CHOOSE(e, f, g) _mm512_ternarylogic_epi32(e, f, g, 0xca)
#define MAJORITY(a, b, c) _mm512_ternarylogic_epi32(a, b, c, 0xe8)
#define ADD _mm512_add_epi32
#define ROTR _mm512_ror_epi32
#define BIG_SIGMA0(x) XOR3(ROTR(x, 2), ROTR(x, 13), ROTR(x, 22))
#define BIG_SIGMA1(x) XOR3(ROTR(x, 6), ROTR(x, 11), ROTR(x, 25))
#define SMALL_SIGMA0(x) XOR3(ROTR(x, 7), ROTR(x, 18), _mm512_srli_epi32(x, 3))
#define SMALL_SIGMA1(x) XOR3(ROTR(x, 17), ROTR(x, 19), _mm512_srli_epi32(x, 10))

// One round; the caller renames the variables instead of moving them.
#define ROUND(a, b, c, d, e, f, g, h, word, constant)                                                                  \
    do {                                                                                                               \
        __m512i t = ADD(ADD(h, ADD(word, _mm512_set1_epi32((int)(constant)))), ADD(BIG_SIGMA1(e), CHOOSE(e, f, g)));    \
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

// FIPS 180-4, section 6.2.2, steps 1 to 4, on sixteen blocks; uses up `w`.
INLINE void compress_words(__m512i state[8], __m512i w[16]) {
    __m512i a = state[0], b = state[1], c = state[2], d = state[3];
    __m512i e = state[4], f = state[5], g = state[6], h = state[7];
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

INLINE __m512i swap_words(__m512i x) {
    return _mm512_shuffle_epi8(x, _mm512_set4_epi32(0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203));
}

// Row i, column j becomes row j, column i, over 32-bit words.
INLINE void transpose(__m512i r[16]) {
    __m512i t[16], u[16];
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        u[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
        u[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
        u[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
        u[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        __m512i even_low = _mm512_shuffle_i32x4(u[i], u[i + 4], 0x88);
        __m512i odd_low = _mm512_shuffle_i32x4(u[i], u[i + 4], 0xdd);
        __m512i even_high = _mm512_shuffle_i32x4(u[i + 8], u[i + 12], 0x88);
        __m512i odd_high = _mm512_shuffle_i32x4(u[i + 8], u[i + 12], 0xdd);
        r[i] = _mm512_shuffle_i32x4(even_low, even_high, 0x88);
        r[i + 4] = _mm512_shuffle_i32x4(odd_low, odd_high, 0x88);
        r[i + 8] = _mm512_shuffle_i32x4(even_low, even_high, 0xdd);
        r[i + 12] = _mm512_shuffle_i32x4(odd_low, odd_high, 0xdd);
    }
}

AVX512 void ind_compress_avx512_x16(uint32_t *state, const uint8_t *const *blocks, size_t count) {
    __m512i s[8];
    for (int i = 0; i < 8; i++) s[i] = _mm512_load_si512(state + 16 * i);
    for (size_t offset = 0; count > 0; count--, offset += IND_BLOCK_BYTES) {
        __m512i w[16];
        for (int j = 0; j < 16; j++) w[j] = swap_words(_mm512_loadu_si512(blocks[j] + offset));
        transpose(w);
        compress_words(s, w);
    }
    for (int i = 0; i < 8; i++) _mm512_store_si512(state + 16 * i, s[i]);
}

// The message is 0x01 and 64 bytes: every word takes its first byte from the word before, and the 65th byte starts a second
// block that is the same for all pairs otherwise (0x80, zeros, 520 bits).
AVX512 void ind_node_group_avx512(const uint8_t *children, uint8_t *out) {
    __m512i s[8], w[16];
    for (int i = 0; i < 8; i++) s[i] = _mm512_set1_epi32((int)ind_sha256_initial_state[i]);
    for (int j = 0; j < 16; j++) w[j] = swap_words(_mm512_loadu_si512(children + IND_BLOCK_BYTES * j));
    transpose(w);
    __m512i last = ADD(_mm512_slli_epi32(w[15], 24), _mm512_set1_epi32(0x00800000));
    for (int i = 15; i > 0; i--) w[i] = _mm512_or_si512(_mm512_slli_epi32(w[i - 1], 24), _mm512_srli_epi32(w[i], 8));
    w[0] = ADD(_mm512_srli_epi32(w[0], 8), _mm512_set1_epi32(0x01000000));
    compress_words(s, w);
    w[0] = last;
    for (int i = 1; i < 15; i++) w[i] = _mm512_setzero_si512();
    w[15] = _mm512_set1_epi32(8 * 65);
    compress_words(s, w);
    // Eight state words in the first eight rows: after the transposition, a digest is the lower half of a row.
    for (int i = 0; i < 8; i++) w[i] = s[i], w[i + 8] = _mm512_setzero_si512();
    transpose(w);
    for (int j = 0; j < 16; j++) {
        _mm256_storeu_si256((__m256i *)(out + IND_SHA256_BYTES * j), _mm512_castsi512_si256(swap_words(w[j])));
    }
}
#endif
