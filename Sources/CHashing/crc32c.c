// CRC-32C (RFC 3720, section 12.1; polynomial 0x1edc6f41, reflected).
#include "CHashing.h"

#include <string.h>

#define POLYNOMIAL 0x82f63b78u

// tables[n][b] is the register after byte b and then n zero bytes. Made before main: eight tables in source text would
// only be harder to check.
static uint32_t tables[8][256];

__attribute__((constructor)) static void make_tables(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t value = byte;
        for (int bit = 0; bit < 8; bit++) value = value >> 1 ^ (POLYNOMIAL & -(value & 1));
        tables[0][byte] = value;
    }
    for (int n = 1; n < 8; n++) {
        for (int byte = 0; byte < 256; byte++) {
            uint32_t before = tables[n - 1][byte];
            tables[n][byte] = before >> 8 ^ tables[0][before & 0xff];
        }
    }
}

uint32_t ind_crc32c_portable(uint32_t seed, const uint8_t *bytes, size_t count) {
    uint32_t crc = ~seed;
    for (; count >= 8; count -= 8, bytes += 8) {
        crc ^= (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
        crc = tables[7][crc & 0xff] ^ tables[6][crc >> 8 & 0xff] ^ tables[5][crc >> 16 & 0xff] ^ tables[4][crc >> 24]
            ^ tables[3][bytes[4]] ^ tables[2][bytes[5]] ^ tables[1][bytes[6]] ^ tables[0][bytes[7]];
    }
    for (; count > 0; count--) crc = crc >> 8 ^ tables[0][(crc ^ *bytes++) & 0xff];
    return ~crc;
}

#if defined(__x86_64__)
#include <immintrin.h>

// The instruction has a latency of three cycles and starts one each cycle: three stretches at a time keep it busy.
#define STRETCH_BYTES 1024
// x^(8 n - 33) mod the polynomial, reflected, for n = 1024 and 2048: a carry-less product with the register of an earlier
// stretch, put through the instruction, advances that register over n zero bytes.
#define ADVANCE_ONE 0x170076fa
#define ADVANCE_TWO 0xa51b6135

static inline uint64_t load64(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

__attribute__((target("sse4.2,pclmul"))) static inline uint64_t advance(uint64_t crc, uint32_t power) {
    __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)crc), _mm_cvtsi64_si128(power), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

__attribute__((target("sse4.2,pclmul"))) static uint32_t crc32c_sse42(uint32_t seed, const uint8_t *bytes, size_t count) {
    uint64_t crc = (uint32_t)~seed;
    for (; count >= 3 * STRETCH_BYTES; count -= 3 * STRETCH_BYTES, bytes += 3 * STRETCH_BYTES) {
        uint64_t second = 0, third = 0;
        for (size_t i = 0; i < STRETCH_BYTES - 8; i += 8) {
            // Three stretches are too many for the processor to see that they are one stream.
            if (i % 64 == 0) {
                for (size_t n = 3; n < 6; n++) _mm_prefetch((const char *)bytes + i + n * STRETCH_BYTES, _MM_HINT_T0);
            }
            crc = _mm_crc32_u64(crc, load64(bytes + i));
            second = _mm_crc32_u64(second, load64(bytes + i + STRETCH_BYTES));
            third = _mm_crc32_u64(third, load64(bytes + i + 2 * STRETCH_BYTES));
        }
        crc = _mm_crc32_u64(crc, load64(bytes + STRETCH_BYTES - 8));
        second = _mm_crc32_u64(second, load64(bytes + 2 * STRETCH_BYTES - 8));
        uint64_t last = load64(bytes + 3 * STRETCH_BYTES - 8);
        crc = _mm_crc32_u64(third, last ^ advance(crc, ADVANCE_TWO) ^ advance(second, ADVANCE_ONE));
    }
    for (; count >= 8; count -= 8, bytes += 8) crc = _mm_crc32_u64(crc, load64(bytes));
    for (; count > 0; count--) crc = _mm_crc32_u8((uint32_t)crc, *bytes++);
    return (uint32_t)~crc;
}

uint32_t ind_crc32c(uint32_t seed, const uint8_t *bytes, size_t count) {
    if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul")) return crc32c_sse42(seed, bytes, count);
    return ind_crc32c_portable(seed, bytes, count);
}
#else
uint32_t ind_crc32c(uint32_t seed, const uint8_t *bytes, size_t count) { return ind_crc32c_portable(seed, bytes, count); }
#endif
