// SHA-256 with the x86 SHA instructions, one message or two interleaved: one alone waits for its own results.
#include "sha256_internal.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define SHANI __attribute__((target("sha,sse4.1,ssse3")))
#define INLINE static inline __attribute__((always_inline)) SHANI

// The instructions keep the state as (A, B, E, F) and (C, D, G, H), highest word first.
typedef struct pair {
    __m128i abef, cdgh;
} pair;

INLINE pair load_state(const uint32_t state[8]) {
    __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1);
    __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
    return (pair){.abef = _mm_alignr_epi8(cdab, efgh, 8), .cdgh = _mm_blend_epi16(efgh, cdab, 0xf0)};
}

// A, B, C, D in `low` and E, F, G, H in `high`, lowest word first.
INLINE void ordered_state(pair s, __m128i *low, __m128i *high) {
    __m128i feba = _mm_shuffle_epi32(s.abef, 0x1b);
    __m128i dchg = _mm_shuffle_epi32(s.cdgh, 0xb1);
    *low = _mm_blend_epi16(feba, dchg, 0xf0);
    *high = _mm_alignr_epi8(dchg, feba, 8);
}

INLINE void store_state(pair s, uint32_t state[8]) {
    __m128i low, high;
    ordered_state(s, &low, &high);
    _mm_storeu_si128((__m128i *)state, low);
    _mm_storeu_si128((__m128i *)(state + 4), high);
}

INLINE __m128i swap_words(__m128i x) {
    return _mm_shuffle_epi8(x, _mm_set_epi32(0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203));
}

// One block of each of `lanes` messages, given as four registers of four words; uses up `m`.
INLINE void compress_words(const int lanes, pair *s, __m128i (*m)[4]) {
    pair start[2];
    for (int j = 0; j < lanes; j++) start[j] = s[j];
#pragma clang loop unroll(full)
    for (int t = 0; t < 16; t++) {
        const __m128i k = _mm_load_si128((const __m128i *)(ind_sha256_round_constants + 4 * t));
        for (int j = 0; j < lanes; j++) {
            __m128i *now = &m[j][t & 3], *third = &m[j][(t + 3) & 3];
            __m128i sum = _mm_add_epi32(*now, k);
            s[j].cdgh = _mm_sha256rnds2_epu32(s[j].cdgh, s[j].abef, sum);
            s[j].abef = _mm_sha256rnds2_epu32(s[j].abef, s[j].cdgh, _mm_shuffle_epi32(sum, 0x0e));
            if (t < 12) {
                __m128i partial = _mm_sha256msg1_epu32(*now, m[j][(t + 1) & 3]);
                partial = _mm_add_epi32(partial, _mm_alignr_epi8(*third, m[j][(t + 2) & 3], 4));
                *now = _mm_sha256msg2_epu32(partial, *third);
            }
        }
    }
    for (int j = 0; j < lanes; j++) {
        s[j].abef = _mm_add_epi32(s[j].abef, start[j].abef);
        s[j].cdgh = _mm_add_epi32(s[j].cdgh, start[j].cdgh);
    }
}

INLINE void load_block(__m128i m[4], const uint8_t *block) {
    for (int i = 0; i < 4; i++) m[i] = swap_words(_mm_loadu_si128((const __m128i *)(block + 16 * i)));
}

SHANI void ind_compress_shani(uint32_t state[8], const uint8_t *blocks, size_t count) {
    pair s[1] = {load_state(state)};
    for (; count > 0; count--, blocks += IND_BLOCK_BYTES) {
        __m128i m[1][4];
        load_block(m[0], blocks);
        compress_words(1, s, m);
    }
    store_state(s[0], state);
}

SHANI void ind_compress_shani_x2(uint32_t *state, const uint8_t *const *blocks, size_t count) {
    uint32_t words[2][8];
    for (int w = 0; w < 8; w++) words[0][w] = state[2 * w], words[1][w] = state[2 * w + 1];
    pair s[2] = {load_state(words[0]), load_state(words[1])};
    for (size_t offset = 0; count > 0; count--, offset += IND_BLOCK_BYTES) {
        __m128i m[2][4];
        for (int j = 0; j < 2; j++) load_block(m[j], blocks[j] + offset);
        compress_words(2, s, m);
    }
    for (int j = 0; j < 2; j++) store_state(s[j], words[j]);
    for (int w = 0; w < 8; w++) state[2 * w] = words[0][w], state[2 * w + 1] = words[1][w];
}

// The message is 0x01 and 64 bytes; the 65th byte starts a second block that is constant otherwise.
SHANI void ind_node_group_shani(const uint8_t *children, uint8_t *out) {
    pair s[2];
    __m128i m[2][4];
    for (int j = 0; j < 2; j++) {
        const uint8_t *child = children + IND_BLOCK_BYTES * j;
        const __m128i first = _mm_loadu_si128((const __m128i *)child);
        s[j] = load_state(ind_sha256_initial_state);
        m[j][0] = swap_words(_mm_or_si128(_mm_slli_si128(first, 1), _mm_cvtsi32_si128(0x01)));
        for (int i = 1; i < 4; i++) m[j][i] = swap_words(_mm_loadu_si128((const __m128i *)(child + 16 * i - 1)));
    }
    compress_words(2, s, m);
    for (int j = 0; j < 2; j++) {
        const uint32_t last = (uint32_t)children[IND_BLOCK_BYTES * j + IND_BLOCK_BYTES - 1];
        m[j][0] = _mm_cvtsi32_si128((int)(last << 24 | 0x00800000));
        m[j][1] = m[j][2] = _mm_setzero_si128();
        m[j][3] = _mm_set_epi32(8 * 65, 0, 0, 0);
    }
    compress_words(2, s, m);
    for (int j = 0; j < 2; j++) {
        __m128i low, high;
        ordered_state(s[j], &low, &high);
        _mm_storeu_si128((__m128i *)(out + IND_SHA256_BYTES * j), swap_words(low));
        _mm_storeu_si128((__m128i *)(out + IND_SHA256_BYTES * j + 16), swap_words(high));
    }
}
#endif
